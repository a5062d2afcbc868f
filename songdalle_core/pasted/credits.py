"""Credits: who wrote, played and sells a song. None of it is sung.

A role that is no other word (작사, lyrics by) makes a line a credit. One that is (노래, 기타, guitar) needs
a colon and company: another credit near by, or a place at the edge of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from songdalle_core.pasted.roles import Grade, grade_of, grade_without_colon
from songdalle_core.wordsets import word_set

_NOUNS = (
    r"(?:chorus|translation|romani[sz]ation|subtitles?|choreography|illustration|orchestration"
    r"|composition|cover|remix|rap|beat|mix(?:ing)?(?: ?& ?| and )master(?:ing)?|violin|cello|trumpet|saxophone"
    r"|percussion|flute|harp)"
)
_PLAYED = (
    r"(?:(?:background|backing|lead|additional|all|electric|acoustic|bass|string|vocal|mixing|mastering) )?"
    r"(?:vocals?|guitars?|drums|bass|piano|keys|keyboards|strings|synths?|programming|production"
    r"|arrangements?|artwork|photo(?:graphy)?)"
)
_DONE = (
    r"(?:(?:lyrics?|rap|track|verses?|chorus|song|music|beat) )?"
    r"(?:written|co-?written|composed|arranged|produced|co-?produced|performed|recorded|mixed|mastered"
    r"|engineered|directed|programmed|sung|published|translated|uploaded|transcribed|edited|submitted|remixed"
    r"|conducted|romani[sz]ed|subtitled|synced|presented|distributed|filmed|designed|illustrated|choreographed"
    r"|timed|provided|lyrics submitted|arr\.|prod\.)"
)
_WORDS = r"(?:(?:all )?(?:lyrics?|words?|music|songs?|text|arrangements?))"
_BY = re.compile(
    rf"(?:{_WORDS}|{_DONE}|{_PLAYED}|{_NOUNS})"
    rf"(?:(?: ?[,/&] ?| and )(?:{_WORDS}|{_DONE}))* (?:by|at) ?[:-]? ?(.*)",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(
    r"(?:prod|arr|comp|feat|ft)\. ?(?:by )?[:-]? ?(.+)|(?:prod) by (.+)"
    r"|(?:paroles|musique|letra|m[uú]sica|texte?)(?: (?:et|y|e|und) (?:musique|m[uú]sica|musik))?"
    r" (?:de|par|por|von) (.+)"
    r"|special thanks(?: to)? ?[:-]? ?(.+)|[가-힣]{2,4} by (.{1,30})",
    re.IGNORECASE,
)
_ABBREVIATED_HEADS = frozenset("pacfmltsPACFMLTS")
_SIGNS = frozenset("|/·•")
_SEVERAL_CREDITS = re.compile(r"\s+[|/·•]\s+|\s*[|]\s*|,\s+(?=[^\s,:]{1,12} ?:)")
_SURE_BY = re.compile(r"(?:lyrics?|words|music|all |.*(?:,|/|&| and ).* )", re.IGNORECASE)
_ENGINEER = re.compile(
    r"(?:(?:assistant|executive|co-?|lead|vocal|mixing|mix|mastering|recording|sound|audio|digital|music"
    r"|string|associate|additional) ){1,3}(?:engineers?|producers?|arrangers?|editors?|director|programming"
    r"|arrangement|production|studio) ?[:-]? ?(.*)",
    re.IGNORECASE,
)
_KEY = re.compile(r"([^:|-]{1,40}?) ?(?::|\||-(?= )| - ) ?(.*)")
_BY_OR_AT = re.compile(r" (?:by|at)\b", re.IGNORECASE)
_ENGINEERING = re.compile(
    r"(?:assistant|executive|co-?|lead|vocal|mix|master|record|sound|audio|digital|music|string|associate|additional)",
    re.IGNORECASE,
)
_PARTED = re.compile("[:|-]")
_DECORATION = "*#-=~ ·[]()"
_LONGEST_LINE = 200
_TAGGED = re.compile(r"[\[(<]([^\[\]()<>]{1,30})[\])>] ?(.+)")
_ROLE_PARTS = re.compile(r"\s*(?:[,/&·+・]|\band\b|\bwith\b| 및 )\s*", re.IGNORECASE)
_PARTICLE = re.compile("[을를은는에고며면던]$")
_SUBJECT = re.compile(".(?:가|을|를|은|는|에서|에게|던)$")
_DONE_WORK = re.compile("(?:ed|ing|Lyrics)$")
_LONGEST_NAME, _LONGEST_VALUE = 4, 6
_LIST = re.compile(r"[^\s,/&]{2,4}(?: ?[,/&] ?[^\s,/&]{2,4}){1,8}")
_LIKE_A_SENTENCE = re.compile(
    r"(?:을|를|은|는|에서|에게|으로|네|면|며|다|어|어요|요|까|[었았했겠하]지|고|던|줘|라|자|의|에|도|처럼|않은|않는|하던|하는|된|되는)$"
)

_ROLE_SIGNS = re.compile(r"[,/&·+]")
_NAME_GLUE = word_set("@ and & with of feat. feat ft. x , de la van von the at / for")
_DETERMINERS = word_set("the a an my your his her our their this that these candlelight night day")
_QUALIFIERS = word_set(
    "session electric acoustic lead backing background additional all string male female original"
    " english korean"
)
_TELLING = word_set(
    "i i'm i'll i've you you're me my we we're he she it it's is are was were will don't can't never your"
)
_TITLES = word_set("앨범 제목 곡 원제 title album song")
_EDGE = 2  # lines at either end of a text
_SEVERAL = 2
_LONGEST_KEY, _LONGEST_ROLE = 6, 3  # roles, words
_LONGEST_ROLE_NAME = 40


@dataclass(frozen=True, slots=True)
class Credit:
    """How sure a line is a credit; `alone`: a role whose holder stands on the next line."""

    grade: Grade
    alone: bool = False


NO_CREDIT = Credit("none")


def credit_lines(folded: Sequence[str]) -> list[bool]:
    """For each line whether it is a credit; `folded` without empty ends."""
    distinct = {line: _grade(line) for line in set(folded)}
    graded = [distinct[line] for line in folded]
    sung = [at for at, line in enumerate(folded) if line.strip()]
    order = {at: number for number, at in enumerate(sung)}
    strong = [order[at] for at in sung if graded[at].grade == "strong"]
    weak = [order[at] for at in sung if graded[at].grade == "weak"]
    result = [credit.grade == "strong" for credit in graded]
    company = set(strong) | set(weak)
    for at in sung:
        place = order[at]
        if graded[at].grade == "weak":
            near = any(place + step in company for step in (-3, -2, -1, 1, 2, 3))
            edge = place < _EDGE or place >= len(sung) - _EDGE
            result[at] = near or edge
    _add_holders(folded, sung, graded, result)
    for steps in (sung, sung[::-1]):  # a row of roles without colons, beside surer ones
        beside = False
        for at in steps:
            faint = graded[at].grade == "faint" and not graded[at].alone
            beside = result[at] = result[at] or (beside and faint)
    return result


def _add_holders(
    folded: Sequence[str], sung: Sequence[int], graded: Sequence[Credit], result: list[bool]
) -> None:
    """Roles on lines of their own, and the names on the lines behind them."""
    alone = [at for at in sung if graded[at].alone and graded[at].grade != "faint"]
    if not alone or sum(credit.grade == "strong" for credit in graded) < _SEVERAL:
        return
    for at, following in zip(sung, [*sung[1:], None], strict=True):
        if not graded[at].alone or (graded[at].grade == "faint" and not _beside(at, sung, result)):
            continue
        result[at] = True
        if following is not None and not graded[following].alone and _value(folded[following]):
            result[following] = True


def _beside(at: int, sung: Sequence[int], result: Sequence[bool]) -> bool:
    place = bisect_left(sung, at)
    return place > 0 and result[sung[place - 1]]


def _grade(line: str) -> Credit:
    """How sure a line is a credit, by itself, or several of them."""
    if not line or len(line) > _LONGEST_LINE:
        return NO_CREDIT
    line = " ".join(line.split())
    whole = _one_grade(line)
    if whole.grade in ("strong", "weak") or (
        line.count(":") < _SEVERAL and _SIGNS.isdisjoint(line)
    ):
        return whole
    parts = _SEVERAL_CREDITS.split(line)
    if len(parts) < _SEVERAL:
        return whole
    grades = {_one_grade(part.strip()).grade for part in parts}
    return Credit("strong") if "strong" in grades and grades <= {"strong", "weak"} else whole


def _one_grade(line: str) -> Credit:
    if not line:
        return NO_CREDIT
    if tagged := line[0] in "[(<" and _TAGGED.fullmatch(line):
        line = f"{tagged.group(1)}: {tagged.group(2)}"
    line = line.strip(_DECORATION)
    if _BY_OR_AT.search(line) and (by := _BY.fullmatch(line)):
        return _by(line, by.group(1))
    if _ENGINEERING.match(line) and (engineer := _ENGINEER.fullmatch(line)):
        sure = not engineer.group(1) or _value(engineer.group(1))
        return Credit("strong", alone=not engineer.group(1)) if sure else NO_CREDIT
    if (
        (line[:1] in _ABBREVIATED_HEADS or " by " in line)
        and (short := _ABBREVIATED.fullmatch(line))
        and not _telling(line)
    ):
        return Credit("strong") if _named(next(filter(None, short.groups()))) else NO_CREDIT
    name, value = _key_and_value(line) if _PARTED.search(line) else ("", "")
    if not name:
        return _without_colon(line)
    role = _role(name)
    titled = name.lower() in _TITLES
    if role == "none" or (role == "weak" and not titled and not _weak_value(value)):
        return NO_CREDIT
    return Credit(role, alone=not value.strip())


def _key_and_value(line: str) -> tuple[str, str]:
    """A role and who has it; the role may have a hyphen of its own (Co-Producer: Moon)."""
    if key := _KEY.fullmatch(line):
        return key.group(1), key.group(2)
    name, _, value = line.partition(":")
    return (
        (name.strip(), value.strip())
        if "-" in name and len(name) <= _LONGEST_ROLE_NAME
        else ("", "")
    )


def _named(who: str) -> bool:
    """True if every word could be of a name: a capital, a letter of another script, "and"."""
    return all(
        word[0].isupper() or not word[0].isascii() or word.lower() in _NAME_GLUE
        for word in who.split()
    )


def _telling(line: str) -> bool:
    """True for what tells something: a pronoun or a verb, an article before what is no name."""
    words = line.split()
    return words[:1] in (["a"], ["an"], ["the"]) or any(
        word in _TELLING for word in line.lower().split()
    )


def _by(line: str, who: str) -> Credit:
    """Lyrics by Anna Lee: names have capitals, but for those behind a word that is never sung so."""
    if not who.strip():
        return Credit("strong", alone=True)
    words = who.split()
    named = _named(who)
    loose = len(words) <= _LONGEST_ROLE and _SURE_BY.match(line)
    told = words[0].lower() in _DETERMINERS  # written by the moonlight
    return Credit("strong") if (named or loose) and not told else NO_CREDIT


def _role(text: str) -> Grade:
    """How sure it is that `text` names one role, or several."""
    text = text.strip().lower().replace("(s)", "s")
    whole = grade_of(text.replace(" ", ""))
    if whole != "none":
        return whole
    parts = [part.strip(" ()[]") for part in _ROLE_PARTS.split(text) if part.strip(" ()[]")]
    if not parts or len(parts) > _LONGEST_KEY:
        return "none"
    grades = [_one_role(part) for part in parts]
    if "none" in grades:
        return "none"
    return "strong" if "strong" in grades else "weak"


def _one_role(role: str) -> Grade:
    grade = grade_of(role.replace(" ", ""))
    words = role.split()
    if grade == "strong" or len(words) < 2:
        return grade
    if _ENGINEER.fullmatch(role) or (words[-1] == "by" and _BY.fullmatch(f"{role} x")):
        return "strong"
    grades = [grade_of(word) for word in words if word not in _QUALIFIERS]
    if len(words) > _LONGEST_ROLE or not grades or "none" in grades:
        return grade
    return "weak" if role.isascii() else "strong"


def _without_colon(line: str) -> Credit:
    """작사 빨간나비: a role and a name without any sign between."""
    words = line.split()
    if not words:
        return NO_CREDIT
    head, size = words[0].rstrip("."), 1
    if len(words) > 1 and grade_without_colon(words[0] + words[1]) == "strong":
        head, size = words[0] + words[1], 2
    parts = [part for part in _ROLE_SIGNS.split(head) if part]
    roles = len(parts) > 1 and not head.isascii() and "none" not in map(grade_of, parts)
    if roles and len(words) == 2:
        return Credit("strong")  # 글/곡 하늘
    if not parts or not all(
        grade_without_colon(part) == "strong" and not part.isascii() for part in parts
    ):
        if len(words) == 1 and grade_without_colon(head.lower()) == "weak":
            return Credit("faint", alone=True)
        if len(words) <= 3 and _latin_role(head) and _hangul_name(words[1:]):
            return Credit("weak" if _DONE_WORK.search(head) else "faint")
        if (
            len(words) == 2
            and 0 < len(head) <= _LONGEST_NAME
            and grade_without_colon(words[1]) == "strong"
        ):
            return Credit("weak" if not head.isascii() and not _PARTICLE.search(head) else "none")
        named = 1 < len(words) <= 3 and grade_without_colon(head) == "weak" and not head.isascii()
        faint = named and not _LIKE_A_SENTENCE.search(words[-1])
        return Credit("faint") if faint else NO_CREDIT
    value = words[size:]
    if not value:
        return Credit("strong", alone=True)
    named = len(value) <= _LONGEST_NAME and not any(map(_LIKE_A_SENTENCE.search, value[:-1]))
    return Credit("strong") if named and _value(" ".join(value)) else NO_CREDIT


def _latin_role(word: str) -> bool:
    return word.isascii() and word[:1].isupper() and grade_of(word.lower()) != "none"


def _hangul_name(words: Sequence[str]) -> bool:
    name = "".join(words)
    return bool(name) and not name.isascii() and len(name) <= _LONGEST_NAME and _value(name)


def _value(text: str) -> bool:
    """True for what may be a name: a few words that make no sentence."""
    words = text.split()
    if _LIST.fullmatch(text):
        return True
    if len(words) == 1 and len(words[0]) <= _LONGEST_NAME:
        return not _PARTICLE.search(text)
    return 0 < len(words) <= _LONGEST_VALUE and not _LIKE_A_SENTENCE.search(words[-1])


def _weak_value(text: str) -> bool:
    words = text.split()
    if _LIST.fullmatch(text):
        return True
    told = len(words) > 2 and any(map(_SUBJECT.search, words[:-1]))
    return (
        not told
        and not _telling(text)
        and (
            len(words) < 2
            or (len(words) <= _LONGEST_VALUE and not _LIKE_A_SENTENCE.search(words[-1]))
        )
    )
