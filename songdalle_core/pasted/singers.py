"""Who sings: labels such as "비:", "하늘)", "[태양]" and "RM> " before what they sing.

A label is judged by the whole text, for "비: 내리는 소리" may be a lyric: one that comes back before other
words, or that stands among others which do, is a name. Some words are labels anyway (All, 다같이).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


def _words(kind: str) -> frozenset[str]:
    rows = Path(__file__).with_name("labels.tsv").read_text(encoding="utf-8").splitlines()
    return frozenset(row.partition("\t")[2] for row in rows if row.startswith(f"{kind}\t"))


_EVERYBODY = _words("singers")
_NO_NAMES = _words("never")
_SEASONS = _words("seldom")
_MAX_NAME, _MAX_CHUNK = 18, 40
_SPLIT = re.compile(r"\s*[,&/+·]\s*| and | x | with |(?<=\S)(?:와|과) ", re.IGNORECASE)
_NAME = re.compile(r"[^\W_][\w.'$*-]{0,17}(?: [^\W_][\w.'$-]{0,15}){0,2}|[♂♀]")
_HANGUL = re.compile("[가-힣]")
_VERBAL = re.compile(
    r"(?:ing|ly|n't|'m|'s|'re|'ll)$|(?:게|며|면|고|지만|는데|니까|어요|아요|해요|니다|세요|해|줘|봐|히|만|를"
    r"|[가-힣]{2}을|..(?:와|아|어|라|자|야|네|지|까|다|려|져|겨|쳐|러|켜|여)|[아어여라려]가)$"
)

_BRACKETED = re.compile(
    r"[*#-]? ?(?P<open>[\[(<{*]|__?)\s*(?P<name>[^\[\](){}<>*_\n]{1,40}?)\s*(?:[\])>}*]|__?)"
    r"\s*[:-]?\s*(?P<rest>.*)"
)
_FEW = 2
_SIGN, _FAR = re.compile(r"[:|)>;/\[\](<{*_#@~=♂♀♩-♬-]"), 60
_QUOTED = re.compile(r"<[^<>]{1,40}>(?:이?라[는고며]|이?란|[은는이가을를의에도와과] )")
_MARKED = re.compile(
    r"(?:[-*@#♠-♬] |[@♠-♬]|\*{1,2})?(?P<name>[^:|)>\[\](<;=~*\n]{1,40}?)\s?(?P<sign>[:|)\]]|>{1,2}|[=~](?= ))"
    r"\*{0,2}(?P<rest>(?!/).*)"
)
_PARTED = re.compile(r"(?P<name>[^:|)>\[\](<;/\n]{1,40}?)\s?(?:;|//?) (?P<rest>.*)")
_DASHED = re.compile(
    r"(?P<name>(?:[^-\n]|(?<=\w)-(?=\w)){1,30}?) - ?(?P<rest>.+)|(?P<alone>(?:[^-\n]|(?<=\w)-(?=\w)){1,30}?) ?-"
)
_FRAMED = re.compile(
    r"(?P<sign>[#*@~=>♩-♬-]{1,3})\s?(?P<name>(?:[^#*@~=:\n-]|(?<=\w)-(?=\w)){1,30}?)\s?[#*@~=-]{0,3}"
)
_CALLED = re.compile(
    r"(?P<sign>[#*@])(?P<name>[^\s#*@:\[\](){}<>]{1,18}(?:(?<=[,&]) [^\s,]{1,12})?) (?P<rest>.+)"
)
_SYMBOL = re.compile(r"(?P<name>[♂♀]) ?(?P<rest>[^♂♀ ].*)")
_CLOSING = {"[": "[", "(": "(", "<": "<", "{": "[", "*": "<", "_": "<", "__": "<"}
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Label:
    """A possible label: how it is written, the name, where what it sings begins, and what that is.

    Attributes:
        alone: nothing else stands on its line.
        opens: nothing is sung between it and the empty line or the label before it.
        keys: the names in it, to be compared.
    """

    at: int
    form: str
    name: str
    begins: int
    sung: str
    alone: bool
    opens: bool
    keys: tuple[str, ...]


def without_singers(
    lines: Sequence[str], folded: Sequence[str], known: Sequence[str] = ()
) -> list[str]:
    """The lines without labels of singers; a line of nothing but a label goes.

    Args:
        lines: the lines of a text, without section tags.
        folded: the same lines with plain signs (`folding.fold`), of the same lengths.
        known: names that section tags gave: "[Verse 1: Name]".
    """
    labels = list(_candidates(lines, folded))
    if not labels:
        return list(lines)
    accepted = _accepted(labels, frozenset(_key(name) for chunk in known for name in _names(chunk)))
    names = {key for label in accepted.values() for key in label.keys}
    result: list[str] = []
    for at, line in enumerate(lines):
        label = accepted.get(at)
        if label is not None:
            rest = line[label.begins :].strip()
            if rest:
                result.append(rest)
        elif not names or not _only_names(folded[at], names):
            result.append(line)
    return result


def _candidates(lines: Sequence[str], folded: Sequence[str]) -> list[_Label]:
    found = []
    chunks: dict[str, tuple[str, ...]] = {}
    opens, before = True, ""
    for at, plain in enumerate(folded):
        text = plain.strip()
        if not text:
            opens = True
            continue
        label = None
        if _SIGN.search(plain, 0, _FAR):
            label = _label(at, folded, chunks, opens=opens, before=before)
        if label is not None:
            found.append(label)
        else:
            before = text
        opens = label is not None and label.alone
    return found


def _label(
    at: int, folded: Sequence[str], chunks: dict[str, tuple[str, ...]], *, opens: bool, before: str
) -> _Label | None:
    """The label that a line begins with, if it may be one; `chunks` keeps the names in what was seen."""
    plain = folded[at]
    text = plain.strip()
    begins = len(plain) - len(plain.lstrip())
    for form, match in _readings(text):
        name = match.group("name") or (match.groupdict().get("alone") or "")
        name = name.strip()
        if name not in chunks:
            chunks[name] = tuple(map(_key, _names(name))) if name and _is_name(name) else ()
        keys = chunks[name]
        if not keys:
            continue
        rest = (match.groupdict().get("rest") or "").strip()
        alone = not any(map(str.isalnum, rest))
        sung = _next_line(folded, at) if alone else rest
        lower = form == "(" and name.isascii() and name.islower() and _key(name) not in _EVERYBODY
        if not sung or lower or (form == "(" and echoes(name, before if alone else rest)):
            return None
        start = len(plain) if alone else begins + match.start("rest")
        return _Label(at, form, name, start, sung, alone, opens, keys)
    return None


def _readings(text: str) -> list[tuple[str, re.Match[str]]]:
    """The ways in which a line may begin with a label."""
    found = []
    if text[0] in "[(<{*_" or (text[0] in "#-" and text[1:3].strip()[:1] in ("[", "(", "<")):
        match = _BRACKETED.fullmatch(text)
        if match and not _QUOTED.match(text):
            found.append((_CLOSING[match.group("open")], match))
        if text[0] not in "*-":
            return found
    marked, parted = _MARKED.fullmatch(text), _PARTED.fullmatch(text)
    if marked:
        found.append((marked.group("sign")[0], marked))
    if parted:
        found.append((":", parted))
    elif not marked and (" - " in text or text.endswith("-")):
        dashed = _DASHED.fullmatch(text)
        if dashed:
            found.append(("-", dashed))
    if text[0] in "#*@~=>♩♪♫♬-" and len(text) <= _MAX_CHUNK:
        framed = _FRAMED.fullmatch(text)
        if framed:
            found.append((framed.group("sign"), framed))
    if symbol := _SYMBOL.fullmatch(text):
        found.append((")", symbol))
    if called := _CALLED.fullmatch(text):
        found.append((called.group("sign") + " ", called))
    return found


def _next_line(folded: Sequence[str], at: int) -> str:
    for line in folded[at + 1 : at + 4]:
        if line.strip():
            return line.strip()
    return ""


def _names(chunk: str) -> list[str]:
    return [name for name in _SPLIT.split(chunk.strip(" #*~'\"")) if name.strip()]


def _key(name: str) -> str:
    return name.strip(" #*~'\"").casefold()


def _is_name(chunk: str) -> bool:
    """True if every part of a chunk could be a name: few words, no pronoun, no verb's ending."""
    if len(chunk) > _MAX_CHUNK or chunk[:1].isdigit():
        return False
    parts = _names(chunk)
    repeated = len(set(map(_key, parts))) < len(parts)  # "rain, rain" is sung
    return bool(parts) and not repeated and all(map(_one_name, parts))


def _one_name(part: str) -> bool:
    part = part.strip()
    if _key(part) in _EVERYBODY or part.replace(" ", "") in _EVERYBODY:
        return True
    if not _NAME.fullmatch(part) or len(part) > _MAX_NAME:
        return False
    words = part.split()
    letter = len(part) == 1 and part.isupper() and part != "I"
    if not letter and any(word.casefold() in _NO_NAMES for word in words):
        return False
    hangul = _HANGUL.search(part) is not None
    if hangul:
        return len(words) <= 2 and all(len(word) <= 5 for word in words)
    lower = [word for word in words if word.islower()]
    return len(words) == 1 or not lower


def echoes(name: str, line: str) -> bool:
    """True if a word of `name` stands in `line`: then it is sung again."""
    words = {word.casefold() for word in _WORD.findall(line)}
    text = " ".join(words)
    return any(
        word.casefold() in (text if _HANGUL.search(word) else words) for word in _WORD.findall(name)
    )


def _accepted(labels: Sequence[_Label], known: frozenset[str]) -> dict[int, _Label]:
    """The labels that the whole text bears out, by line."""
    forms: dict[str, list[_Label]] = defaultdict(list)
    for label in labels:
        forms[label.form].append(label)
    accepted: dict[int, _Label] = {}
    for form, group in forms.items():
        if all(_SEASONS.issuperset(label.keys) for label in group):
            continue  # "봄: …, 여름: …" is a lyric, with 나연 beside them they are singers
        for label in _borne_out(form, group, known):
            accepted[label.at] = label
    names = {key for label in accepted.values() for key in label.keys} | known
    for label in labels:
        if label.at not in accepted and names.issuperset(label.keys):
            accepted[label.at] = label
    return accepted


def _borne_out(form: str, group: list[_Label], known: frozenset[str]) -> list[_Label]:
    sung: dict[str, set[str]] = defaultdict(set)
    places: dict[str, list[int]] = defaultdict(list)
    for label in group:
        for key in label.keys:
            sung[key].add(label.sung.casefold())
            places[key].append(label.at)
    back = {name for name, rests in sung.items() if len(rests) > 1}
    everybody = {name for name in sung if name.replace(" ", "") in _EVERYBODY}
    company = len(sung) > 1
    if form in ("[", "<"):
        framed = any(label.alone and label.opens for label in group)
        return group if back or everybody or framed or len(sung) > _FEW else []
    if form in (")", ">", "|", "]"):
        return group if back or everybody or company or (form == ")" and _hangul(group)) else []
    if form in ("# ", "@ ", "* "):
        return group if back or len(everybody) > 1 else []
    if (
        form[0] in "#@*♩♪♫♬"
        or (form[0] in "~=>" and group[0].alone)
        or (form[0] == "-" and group[0].alone)
    ):
        return group if len(group) > 1 or (form == "#" and group[0].opens) else []
    if form == "(":
        return _round(group, back, everybody, known)
    # A colon or a dash may be a lyric's own: "사랑: 그것은 아픔".
    lone = [
        name
        for name in back
        if len(places[name]) > (2 if form == "-" else 1) and _apart(places[name])
    ]
    if (company and back) or lone or len(everybody) > 1 or (everybody and back):
        return group
    alone = [label for label in group if label.alone]
    if len(alone) > 1:
        return alone
    return [label for label in alone if label.keys[0] in everybody | known]


def _round(
    group: list[_Label], back: set[str], everybody: set[str], known: frozenset[str]
) -> list[_Label]:
    """Round brackets hold names before what is sung; what is sung behind others stands behind its line."""
    openers = [label for label in group if label.opens]
    sure = [label for label in group if label.keys[0] in everybody | known]
    if not openers:
        return sure
    if any(_VERBAL.search(label.name) for label in openers):
        return sure
    lone_name = group[0].alone and " " not in group[0].name
    if all(label.opens for label in group) and (len(group) > 1 or lone_name):
        return group
    if openers[0] is group[0] and (back or len(group) > 1):
        return group
    return sure


def _hangul(group: list[_Label]) -> bool:
    return any(_HANGUL.search(label.name) for label in group)


def _apart(places: list[int]) -> bool:
    """True if the lines do not all follow one another, as the lines of a list do."""
    return places[-1] - places[0] >= len(places)


def _only_names(line: str, names: set[str]) -> bool:
    """True for a line of nothing but names that are known to be singers'."""
    text = line.strip(" #*-:~[]()<>.|")
    decorated = text != line.strip()
    return (
        (decorated or len(text) > 1)
        and 0 < len(text) <= _MAX_CHUNK
        and all(_key(name) in names for name in _names(text))
    )
