"""Pieces of a lyric: lines, or clauses of lines too long for a sentence; and how long text counts.

A piece is what the summariser ranks. Cuts fall on punctuation, then after a connective or final
ending (kiwi EC, EF), then between words; never inside a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from songdalle_core.hangul import contains_syllables
from songdalle_core.morphology import Morpheme
from songdalle_core.wordsets import word_set

# Kiwi reads about 40,000 characters a second; a pasted lyric without line breaks is cut into
# windows of this many characters first, so that one "line" cannot outgrow the cap on lines.
WINDOW_CHARS = 400

# Function words and forms of address: they join lines that share no subject.
ENGLISH_STOP_WORDS = word_set(
    "a an the and or but so if then than that this these those there here it its it's i i'm i'll "
    "i've i'd im me my mine myself you you're you'll you've your yours yourself he him his she her "
    "we we're us our they them their who what when where why how which is are was were be been am "
    "do does did don't dont didn't can can't could will won't would should to of in on at by for "
    "from with without up down out off over as into about not no never just only too very all "
    "let let's like got get gonna wanna gotta 'cause cause 'bout more one back go come now baby "
    "babe hey"
)
# Korean words so general that lines sharing them need not share a subject.
LIGHT_WORDS = word_set(
    "하다 되다 있다 없다 같다 이다 아니다 않다 못하다 말다 싶다 보다 주다 가다 오다 알다 모르다 "
    "나다 두다 놓다 지다 그러다 이러다 어떻다 그렇다 이렇다 말하다 말 생각 때 날 오늘 지금 이제 내일 "
    "매일 하루 순간 정도 이상 누구 모두"
)
_ENGLISH_VOCABLE = re.compile(
    r"(?:(?:l+a+|n+a+|d+o+|d+a+|sh?a+|t+u+r?u*)(?:-?(?:l+a+|n+a+|d+o+|d+a+|t+u+))*"
    r"|o+h*|(?:uh)+h*|a+h+|ha+h*(?:ha+)*|h+e+y+|ye+a*h*|yea+|ya+h*|yo+|a+y+[oea]*|e+h+|e+y+|"
    r"wo+h*(?:ah?)*|who+a+h?|wow+|m+h?m+|h+m+|ooh+|hoo+|shoo+|ra+|ba+|skrr+|brr+|uhuh|huh)",
    re.IGNORECASE,
)
_KOREAN_VOCABLE = re.compile(
    r"(?:[라랄]{2,}|샤[라랄]+|[나난]{3,}|[우워오와예에아어후허하호흐야이]*[우워오와예에아어후허하호흐]"
    r"[우워오와예에아어후허하호흐야]*|음+|흠+|[뚜두]{2,}|[뚜두][루르뚜두바비둡]+|[따다]라{2,}"
    r"|빠{2,}|[랑]{2,}|디{2,}|둠칫|두둠칫|라|랄|예|야)"
)
_PUNCTUATION = re.compile(r"(?<!\b[ap]\.m)[.!?…。~,;:\n]+(?=\s|$)|\n+")  # 3 a.m. ends no sentence
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*", re.UNICODE)
_ENGLISH_CLAUSE = re.compile(
    r"\s(?=(?:and|but|or|so|when|while|where|because|'cause|until|till|if|though)\s)", re.IGNORECASE
)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line: its text, content lemmas, the nouns among them, and its joints.

    Joints are offsets into `text` after which a cut leaves a whole phrase on either side.
    """

    text: str
    lemmas: frozenset[str]
    nouns: frozenset[str]
    joints: tuple[int, ...]


def width(text: str) -> int:
    """Length of `text` as the limits count it: two characters of English weigh one.

    A Korean syllable block says about as much as two Latin letters. Text with any Hangul counts
    plainly; text without counts half, so 28-42 means 56-84 characters of an English sentence.
    """
    return len(text) if contains_syllables(text) else (len(text) + 1) // 2


def is_vocable(line: str) -> bool:
    """True if every word of `line` is sung sound without meaning (라라라, oh yeah, 우우).

    A line without any word counts as vocable too.
    """
    words = _WORD.findall(line)
    return all(_ENGLISH_VOCABLE.fullmatch(w) or _KOREAN_VOCABLE.fullmatch(w) for w in words)


def fold_key(line: str) -> str:
    """The words of `line` in lower case: equal for lines that a listener hears as repeated."""
    return " ".join(_WORD.findall(line.lower()))


def sung_pieces(lines: Iterable[str]) -> list[str]:
    """Lines split at sentence punctuation and into windows of at most `WINDOW_CHARS`."""
    pieces: list[str] = []
    for line in lines:
        for part in _PUNCTUATION.split(line):
            pieces.extend(_windows(" ".join(part.split())))
    return [piece for piece in pieces if _WORD.search(piece)]


def _windows(text: str) -> list[str]:
    windows: list[str] = []
    for word in text.split(" "):
        if windows and len(windows[-1]) + 1 + len(word) <= WINDOW_CHARS:
            windows[-1] += f" {word}"
        else:
            windows.append(word)
    return windows


def cut(text: str, morphemes: Sequence[Morpheme], limit: int) -> list[Piece]:
    """`text` in pieces no wider than `limit`: whole, else cut at clauses, phrases, then words.

    What is still wider is text without spaces, cut where kiwi sees a word begin; a single word
    wider than the limit stays whole.
    """
    phrases = phrase_ends(text, morphemes)
    spaces = [m.start() for m in re.finditer(" ", text)]
    begins = [m.start for m in morphemes if m.tag[0] in "NVM" and not m.tag.startswith("VX")]
    levels = [clause_ends(text, morphemes), phrases, spaces, [b for b in begins if b]]
    return [
        _piece(text, span, morphemes, phrases)
        for span in _cut_span(text, (0, len(text)), levels, limit)
    ]


def _cut_span(text: str, span: Span, levels: Sequence[Sequence[int]], limit: int) -> list[Span]:
    if width(text[slice(*span)]) <= limit or not levels:
        return [span]
    packed: list[Span] = []
    start = span[0]
    for end in [*(e for e in levels[0] if span[0] < e < span[1]), span[1]]:
        if packed and width(text[packed[-1][0] : end]) <= limit:
            packed[-1] = (packed[-1][0], end)
        else:
            packed.append((start, end))
        start = end + (text[end : end + 1] == " ")
    return [piece for part in packed for piece in _cut_span(text, part, levels[1:], limit)]


def _piece(text: str, span: Span, morphemes: Sequence[Morpheme], joints: Sequence[int]) -> Piece:
    start, end = span
    inside = [m for m in morphemes if start <= m.start and m.end <= end]
    lemmas, nouns = content_lemmas(text[start:end], inside)
    return Piece(
        text[start:end], lemmas, nouns, tuple(j - start for j in joints if start < j < end)
    )


def _word_ends(text: str, morphemes: Sequence[Morpheme]) -> list[tuple[int, Morpheme, str]]:
    """(offset, last morpheme, tag that follows) for each word end before a space."""
    return [
        (last.end, last, after.tag)
        for last, after in pairwise(morphemes)
        if text[last.end : last.end + 1] == " " and after.start > last.end
    ]


def clause_ends(text: str, morphemes: Sequence[Morpheme]) -> list[int]:
    """Offsets of word ends that close a clause.

    Korean: after a connective or final ending (EC, EF) unless an auxiliary verb follows. English:
    before a conjunction.
    """
    korean = [
        offset
        for offset, last, following in _word_ends(text, morphemes)
        if last.tag in ("EC", "EF") and not following.startswith("VX")
    ]
    return sorted({*korean, *(m.start() for m in _ENGLISH_CLAUSE.finditer(text))})


def phrase_ends(text: str, morphemes: Sequence[Morpheme]) -> list[int]:
    """Offsets after which a cut leaves no modifier waiting for its noun; clause ends included."""
    closed = ("JKS", "JKO", "JKB", "JX")
    korean = [end for end, last, _ in _word_ends(text, morphemes) if last.tag in closed]
    return sorted({*korean, *clause_ends(text, morphemes)})


def content_lemmas(
    text: str, morphemes: Sequence[Morpheme]
) -> tuple[frozenset[str], frozenset[str]]:
    """(all content lemmas, the nouns among them) of `text`.

    Korean nouns, verbs, adjectives and roots count; pronouns, adverbs, auxiliaries and the verbs
    of `LIGHT_WORDS` do not.
    English words count lower-cased without the stop list, and each may be a noun: there is no
    English tagger.
    """
    lemmas: set[str] = set()
    words = (word.removesuffix("'s") for word in _WORD.findall(text.lower()))
    nouns = {word for word in words if _is_english_content(word)}
    for morpheme in morphemes:
        tag = morpheme.tag.partition("-")[0]
        if (
            tag in ("NNG", "NNP")
            and morpheme.lemma not in LIGHT_WORDS
            and not _KOREAN_VOCABLE.fullmatch(morpheme.form)
        ):
            nouns.add(morpheme.lemma)
        elif tag in ("VV", "VA", "XR") and morpheme.lemma not in LIGHT_WORDS:
            lemmas.add(morpheme.lemma)
    return frozenset(lemmas | nouns), frozenset(nouns)


def _is_english_content(word: str) -> bool:
    return (
        len(word) > 1
        and word.isascii()
        and not word.isdigit()
        and word not in ENGLISH_STOP_WORDS
        and not _ENGLISH_VOCABLE.fullmatch(word)
    )
