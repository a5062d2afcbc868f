"""The profanity filter: drops rude words, leaves clean lookalikes (시발점, 새끼손가락, 보지 못한) alone.

Korean is judged at kiwi's morpheme boundaries, so that 다시 발을 and 무지개같은 stay; English by
whole words after undoing f*ck, sh1t, fuuuck and f u c k. The words are in profanity.tsv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from songdalle_core.hangul import SYLLABLES, contains_hangul
from songdalle_core.lyrics.insults import insult_spans
from songdalle_core.lyrics.spellings import INFIX, family, initials_row, typed_in_latin
from songdalle_core.morphology import Morpheme, analyse_many
from songdalle_core.normal_form import normal_form

_LIST = Path(__file__).with_name("profanity.tsv")

_MATCHES = {
    "ko": frozenset(
        {"spread", "family", "stem", "word", "phrase", "pattern", "jamo", "clean", "spare"}
    ),
    "en": frozenset({"word", "part", "exact", "phrase", "clean", "spare"}),
}

_ENDINGS = r"(?:s|es|ed|er|ers|ing|ings|in'?|y|z|a|as|az)?"
# What makes a rude word ruder, glued on before it: 개지랄, 돈지랄, 쌩지랄, 핵존나.
_STRONGER = "(?:개|씹|쌩|생|핵|돈|별|쌉)?"
# After a word spelt with spaces nothing but what rude words are followed by may be glued on.
_INSULTED = "(?: ?(?:놈|년|새끼))?"
_AFTER_SPREAD = rf"(?=$|[^{SYLLABLES}]|[아이은의것같]|놈|년|새끼|하|스)"
_BEFORE_SPREAD = rf"(?<![{SYLLABLES}0-9])(?<![0-9한두세네섯곱덟홉열몇] )"
_TAGS_OF_ENDINGS = ("J", "E", "XS")

_LATIN_TOKEN = re.compile(r"(?<![A-Za-z0-9@$!*'])[A-Za-z@$][A-Za-z0-9@$!*']{1,39}")
_SPELT_OUT = re.compile(r"(?<![A-Za-z])(?:[A-Za-z][ .\-_]{1,2}){2,40}[A-Za-z](?![A-Za-z])")
_SPELT_MIN = 4
_RUN = re.compile(r"([a-z])\1{2,}")
# A 1 stands for an i (sh1t) or an l (1ick).
_LEET = (str.maketrans("@431!0$57", "aaeiiosst"), str.maketrans("@431!0$57", "aaeliosst"))

_WORD_CHARACTER = re.compile(r"[^\s.,!?;:]")
_WORD = re.compile(r"[^\s.,!?;:]+")
_SPACES = re.compile(r"[ \t]{2,}")
_SPACE_BEFORE_STOP = re.compile(r" +(?=[.,!?;:])")
_EMPTY_SENTENCE = re.compile(r"([.,!?;:])(?:\s*[.,!?;:])+")

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Filtered:
    """A text without rude words, and how many words (separated by spaces) were dropped."""

    text: str
    removed: int


@dataclass(frozen=True, slots=True)
class _Rules:
    """The patterns compiled from the list; `words` are morpheme forms and lemmas."""

    anchored: re.Pattern[str]
    spread: re.Pattern[str]
    jamo: re.Pattern[str]
    words: frozenset[str]
    english: re.Pattern[str]
    english_stems: frozenset[str]
    english_phrases: re.Pattern[str]
    clean: re.Pattern[str]


def remove_profanity(text: str) -> Filtered:
    """`text` without the words (between spaces) that are rude, particles and all, in its normal form.

    A text without rude words comes back unchanged, to the letter.
    """
    return remove_profanity_many([text])[0]


def remove_profanity_many(texts: Sequence[str]) -> list[Filtered]:
    """`remove_profanity` of each text; the Korean ones are analysed in one call, equal ones once."""
    normal = {text: normal_form(text) for text in texts}
    distinct = list(dict.fromkeys(normal.values()))
    korean = [text for text in distinct if contains_hangul(text)]
    analyses = dict(zip(korean, analyse_many(korean), strict=True))
    filtered = {text: _filtered(text, analyses.get(text, [])) for text in distinct}
    results = {text: filtered[form] for text, form in normal.items()}
    return [results[text] if results[text].removed else Filtered(text, 0) for text in texts]


def remove_english_profanity(text: str) -> Filtered:
    """`remove_profanity` by the rules for English alone: needs no morphological analyser."""
    filtered = _filtered(normal_form(text), [])
    return filtered if filtered.removed else Filtered(text, 0)


def _filtered(text: str, morphemes: Sequence[Morpheme]) -> Filtered:
    spans = _merged(_whole_word(text, span) for span in _rude_spans(text, morphemes))
    if not spans:
        return Filtered(text, 0)
    removed = sum(len(text[start:end].split()) for start, end in spans)
    pieces: list[str] = []
    last = 0
    for start, end in spans:
        pieces.append(text[last:start])
        last = end
    return Filtered(_tidy("".join([*pieces, text[last:]])), removed)


def contains_profanity(text: str) -> bool:
    """True if `remove_profanity` would drop something."""
    return remove_profanity(text).removed > 0


def _rude_spans(text: str, morphemes: Sequence[Morpheme]) -> list[_Span]:
    rules = _rules()
    spans = [*_english_spans(text, rules)]
    if morphemes:
        spans += _korean_spans(text, morphemes, rules)
    if not spans:
        return []
    clean = [match.span() for match in rules.clean.finditer(text)]
    return [span for span in spans if not any(_overlap(span, other) for other in clean)]


def _korean_spans(text: str, morphemes: Sequence[Morpheme], rules: _Rules) -> Iterator[_Span]:
    begins = {m.start for m in morphemes if not m.tag.startswith(_TAGS_OF_ENDINGS)}
    begins |= {match.start() for match in _WORD.finditer(text)}
    for at in begins:
        for pattern in (rules.anchored, rules.spread):
            if match := pattern.match(text, at):
                yield match.span()
    for match in rules.jamo.finditer(text):
        yield match.span()
    yield from insult_spans(text, morphemes)
    for morpheme in morphemes:
        if morpheme.form in rules.words or morpheme.lemma in rules.words:
            yield morpheme.start, morpheme.end


def _english_spans(text: str, rules: _Rules) -> Iterator[_Span]:
    for match in _LATIN_TOKEN.finditer(text):
        token = match.group().lower()
        rude = any(rules.english.fullmatch(form) for form in _readings(token))
        if rude or _censored(token.strip("'*"), rules):
            yield match.span()
    for match in _SPELT_OUT.finditer(text):
        letters = re.sub("[^a-z]", "", match.group().lower())
        if any(stem in letters for stem in rules.english_stems if len(stem) >= _SPELT_MIN):
            yield match.span()
    for match in rules.english_phrases.finditer(text):
        yield match.span()


def _readings(token: str) -> set[str]:
    """The token, its leet readings (sh1t -> shit), and these without held letters (fuuuck)."""
    plain = {token, token.rstrip("!'*")} | {token.rstrip("!").translate(leet) for leet in _LEET}
    return {
        form for word in plain for form in (word, _RUN.sub(r"\1", word), _RUN.sub(r"\1\1", word))
    }


def _censored(token: str, rules: _Rules) -> bool:
    """True for f*ck and sh**: stars inside or after at least two letters of a rude word."""
    if "*" not in token or len(token.replace("*", "")) < 2 or not token[0].isalpha():
        return False
    pattern = re.compile(re.escape(token).replace(r"\*", "[a-z]"))
    return any(pattern.match(stem) for stem in rules.english_stems)


def _whole_word(text: str, span: _Span) -> _Span:
    start, end = span
    while start > 0 and _WORD_CHARACTER.match(text[start - 1]):
        start -= 1
    while end < len(text) and _WORD_CHARACTER.match(text[end]):
        end += 1
    return start, end


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    merged: list[_Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _overlap(one: _Span, other: _Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _tidy(text: str) -> str:
    text = _SPACE_BEFORE_STOP.sub("", _SPACES.sub(" ", text))
    return _EMPTY_SENTENCE.sub(r"\1", text).strip(" \t,;:").removeprefix(".").strip()


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    return _compile(_read(_LIST))


def _read(path: Path) -> dict[tuple[str, str], list[str]]:
    """Words by (language, match), read from the list.

    Raises:
        ValueError: a row is not `language<TAB>match<TAB>word` with a known language and match.
    """
    words: dict[tuple[str, str], list[str]] = {}
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not row or row.startswith("#"):
            continue
        language, match, word = [*row.split("\t"), "", ""][:3]
        if match not in _MATCHES.get(language, ()) or not word or row.count("\t") != 2:
            raise ValueError(f"{path.name}, line {number}: write language, match and word, by tabs")
        words.setdefault((language, match), []).append(word)
    return words


def _compile(words: dict[tuple[str, str], list[str]]) -> _Rules:
    def korean(match: str) -> list[str]:
        return words.get(("ko", match), [])

    def english(match: str) -> list[str]:
        return words.get(("en", match), [])

    glued = [INFIX.join(stem) + _INSULTED for stem in korean("stem")]
    families = [row.split(" ") for row in korean("family")]
    glued += [_STRONGER + family(row) + _INSULTED for row in families]
    phrases = [_loose(phrase) for phrase in korean("phrase")]
    phrases += [_spaced(pattern) for pattern in korean("pattern")]
    # A syllable or a number before it (다시 발을, 10시 발표, 일곱 시 발) makes it an accident.
    spread = [
        _BEFORE_SPREAD + " {1,2}".join(word) + _INSULTED + _AFTER_SPREAD
        for word in korean("spread")
    ]
    endings = [re.escape(word) + _ENDINGS for word in english("word")]
    mistyped = [typed_in_latin(word) + ".*" for word in korean("spread") if len(word) > 1]
    exact = [re.escape(word) for word in english("exact")] + mistyped
    parts = [rf"[a-z]*{re.escape(part)}[a-z]*" for part in english("part")]
    clean = [_loose(word) for word in korean("clean")]
    clean += [_spaced(pattern) for pattern in korean("spare")]
    # These keep their capitals: Dick Clark is a name.
    clean += [f"(?-i:{pattern})" for pattern in english("spare")]
    clean += [rf"(?<![A-Za-z]){_loose(word)}(?![A-Za-z])" for word in english("clean")]
    spaced = [r"\s+".join(map(re.escape, phrase.split())) for phrase in english("phrase")]
    return _Rules(
        anchored=_any(glued + phrases),
        spread=_any(spread),
        jamo=re.compile(initials_row(korean("jamo"))),
        words=frozenset(korean("word")),
        english=_any(endings + exact + parts),
        english_stems=frozenset(english("word") + english("part") + english("exact")),
        english_phrases=re.compile(rf"(?<![A-Za-z])(?:{'|'.join(spaced)})(?![A-Za-z])", re.I),
        clean=re.compile(_any(clean).pattern, re.I),
    )


def _spaced(pattern: str) -> str:
    """The pattern with every space optional; one that must be there is written \\s."""
    return pattern.replace(" ?", " ").replace(" ", " ?")


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(patterns, key=len, reverse=True)) or "(?!)")


def _loose(phrase: str) -> str:
    return " ?".join(map(re.escape, phrase.split(" ")))
