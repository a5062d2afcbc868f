"""Times of lyric files and subtitles taken out: LRC, SRT, WebVTT, SBV, ASS, transcripts, UltraStar.

A line with several times is sung several times; lines come in the order in which they are sung.

Source: the formats as described at https://en.wikipedia.org/wiki/LRC_(file_format),
https://www.w3.org/TR/webvtt1/, https://en.wikipedia.org/wiki/SubRip and https://usdx.eu/format/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from songdalle_core.pasted.folding import fold

_STAMP = r"-?\d{1,3} ?: ?\d{1,2}(?: ?: ?\d{1,2})?(?:[.,:] ?\d{1,4})?"
_LINE_TIMES = re.compile(rf"(?: *\[ *{_STAMP} *\])+")
_ONE_TIME = re.compile(r"\[ *-?(\d{1,3}(?: ?: ?\d{1,3}){1,3}(?:[.,] ?\d{1,4})?) *\]")
_WORD_TIME = re.compile(rf"[\[<] *{_STAMP} *[\]>]")
_MILLISECONDS = re.compile(r" *\[\d{1,8},\d{1,8}\]")
_WORD_MILLISECONDS = re.compile(r"[(<]\d{1,8},\d{1,8}(?:,\d{1,8})?[)>]")
_SECOND = r"\d{1,5}(?:\.\d{1,3})?s?"
_SPAN = re.compile(
    rf" *(?:\[ *(?:{_STAMP} *-{{0,3}}> *{_STAMP}|{_SECOND} *-{{1,3}}>? *{_SECOND}) *\]"
    rf"|\( *{_STAMP} *-{{1,3}}>? *{_STAMP} *\))"
)
_MINUTES = re.compile(r"\[(?:\d{1,2} ?h ?)?\d{1,3} ?m(?:in)? ?\d{1,2} ?s(?:ec)?\]", re.IGNORECASE)
_FRAMES = re.compile(r" *(?:\{\d{1,7}\}\{\d{0,7}\}|\[\d{1,7}\]\[\d{0,7}\])/?(.*)")
_FRAME_TAG = re.compile(r"\{[yYfFsScCPH]:[^{}\n]{1,40}\}")
_ARROW = re.compile(rf" *(?:\d{{1,5}} +)?{_STAMP} *-{{0,3}}> *{_STAMP}(.*)")
_SBV = re.compile(r" *\d{1,2}:\d\d:\d\d\.\d{1,3},\d{1,2}:\d\d:\d\d\.\d{1,3} *")
_CUE_SETTING = re.compile(r"\b(?:align|position|line|size|vertical|region|[XY][12]):\S+")
_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)\b")
_CUE_NUMBER = re.compile(r" *\d{1,5} *")
_TAG = re.compile(
    r"</?(?:c|v|lang|ruby|rt|rp|[biu]|font|\d)(?:\.[\w.-]{1,60})?(?: [^<>\n]{0,120})?>"
)
_OVERRIDE = re.compile(r"\{\\[^{}\n]{1,200}\}")
_VOICE = re.compile(r" *(?:v\d{1,4}|bg|[FMD]) ?: *", re.IGNORECASE)

_HEADER_NAMES = (
    "ar|al|ti|au|by|lr|re|ve|la|id|tool|length|offset|kana|hash|sign|qq|total|artist|title|album|author"
    "|lyricist|composer|encoding|language|version|key|#"
)
_HEADER = re.compile(rf" *\[(?:{_HEADER_NAMES}) ?:[^\n]*\] *", re.IGNORECASE)
_ANY_HEADER = re.compile(r" *\[[A-Za-z#][\w ]{0,20}:[^\]\n]*\] *")
_BACKGROUND = re.compile(r" *\[(?:bg|x-bg) ?: *(.*?)\]? *", re.IGNORECASE)

_NAMED = re.compile(r" *\[(ti|ar) ?: *([^\]\n]{1,100}?) *\]")
_TITLE_AND_ARTIST = (("ti", "ar"), ("ar", "ti"))
_HEAD = 3

_ASS_EVENT = re.compile(r"(?:Dialogue|Comment): ?(?:[^,\n]{0,80},){9}(.*)")
_ASS_REST = re.compile(
    r"(?:Format|Style|Comment|Title|ScriptType|Play(?:Res[XY]|Depth)|WrapStyle|Collisions"
    r"|ScaledBorderAndShadow|YCbCr Matrix|Timer|;).*|\[(?:Script Info|V4\+? Styles|Events|Fonts)\]"
)
_NOTE = re.compile(r"[:*FRG] -?\d{1,6} \d{1,5} -?\d{1,3} ?(.*)")
_BREAK = re.compile(r"- ?-?\d{1,6}(?: \d{1,6})?|E")
_SONG_HEADER = re.compile(r"#[A-Z][A-Z0-9]{1,30}:.*|P ?[1-9]")

_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?:\.\d{1,3})?"
_DECIMAL = r"\d{1,4}\.\d{2,3}"
_BARE = re.compile(
    rf"\s*[(]?({_CLOCK}|{_DECIMAL})(?:\s?[-~]+\s?(?:{_CLOCK}|{_DECIMAL}))?[)]?"
    rf"(?:\s*[-|:]\s*|\s+|$|(?<=:\d\d)(?=[^\W\d_]))"
)
_BARE_BEHIND = re.compile(rf"(?<=\S)(?:\t+ *| {{2,}})({_CLOCK})$")
_SPOKEN = re.compile(
    r"(?:\d{1,2} hours?,? ?)?(?:\d{1,2} minutes?,? ?)?\d{1,2} seconds?|\d{1,2} minutes?"
    r"|(?:\d{1,2}시간 ?)?(?:\d{1,2}분 ?)?\d{1,2}초|\d{1,2}분"
)
"""A time as video pages say it to screen readers."""
_MIN_BARE, _MIN_FRAMES, _MIN_DECIMALS = 3, 2, 6
_ON_THE_CLOCK = frozenset({0, 15, 30, 45})

_Line = tuple[float, bool, str]


def without_times(lines: Sequence[str]) -> list[str]:
    """The lines in the order in which they are sung, without times, headers and marks of voices.

    Lines of a text without times stay as they are.
    """
    folded = [fold(line) for line in lines]
    if any(line.startswith("Dialogue:") for line in folded):
        return [text for line in lines for text in _subtitle(line)]
    if _is_notes(folded):
        return list(_syllables_joined(lines))
    if any((">" in line and _ARROW.fullmatch(line)) or _SBV.fullmatch(line) for line in folded):
        return list(_cues(lines, folded))
    frames = [
        _FRAMES.fullmatch(line) if line.lstrip()[:1] in ("{", "[") else None for line in lines
    ]
    if sum(frame is not None for frame in frames) >= _MIN_FRAMES:
        return list(_framed(lines, frames))
    if any(_timed(line) for line in folded):
        return _without_title(_in_order(list(_timed_lines(lines, folded))), folded)
    headers = [bool(line.lstrip()[:1] == "[" and _HEADER.fullmatch(line)) for line in folded]
    kept = [line for line, header in zip(lines, headers, strict=True) if not header]
    return _without_bare_times([_without_background(line) for line in kept])


def _timed(line: str) -> bool:
    if ":" in line and ("[" in line or "<" in line) and _WORD_TIME.search(line):
        return True
    head = line.lstrip()[:1]
    if head == "[":
        return any(form.match(line) for form in (_MILLISECONDS, _SPAN, _MINUTES))
    return head == "(" and ":" in line and _SPAN.match(line) is not None


def _in_order(lines: list[_Line]) -> list[str]:
    if any(repeated for _, repeated, _ in lines):
        lines.sort(
            key=lambda line: line[0]
        )  # stable: a line without a time stays behind its neighbour
    return [line for _, _, line in lines]


def _without_title(lines: list[str], folded: Sequence[str]) -> list[str]:
    """The lines but for the one that names the song and who sings it, as the headers do."""
    named = {
        match.group(1): match.group(2).casefold() for match in map(_NAMED.match, folded) if match
    }
    if len(named) == len(_TITLE_AND_ARTIST):
        both = {" - ".join(named[tag] for tag in order) for order in _TITLE_AND_ARTIST}
        for at, line in enumerate(lines[:_HEAD]):
            if " ".join(fold(line).casefold().split()) in both:
                return lines[:at] + lines[at + 1 :]
    return lines


def _timed_lines(lines: Sequence[str], folded: Sequence[str]) -> Iterator[_Line]:
    """Seconds of each line, whether it is sung more than once, and the line; headers are left out."""
    last = 0.0
    for line, plain in zip(lines, folded, strict=True):
        times = _LINE_TIMES.match(plain)
        if times is None:
            if background := _BACKGROUND.fullmatch(plain):
                yield last, False, _words(line[background.start(1) : background.end(1)])
            elif not _ANY_HEADER.fullmatch(plain) and not plain.startswith('{"t":'):
                yield last, False, _words(line)
            continue
        seconds = [_seconds(stamp) for stamp in _ONE_TIME.findall(times.group())]
        words = _words(line[times.end() :])
        for second in seconds:
            yield second, len(seconds) > 1, words
        last = seconds[0]


def _words(line: str) -> str:
    """A line of a timed text without what times it and whose voice it is."""
    line = _without_background(line)
    plain = fold(line)
    for head in (_SPAN, _MINUTES, _MILLISECONDS):
        if match := head.match(plain):
            line = line[match.end() :]
            if head is _MILLISECONDS:
                line = _WORD_MILLISECONDS.sub("", line)
            plain = fold(line)
    spans = [match.span() for match in _WORD_TIME.finditer(plain)]
    if spans:
        ends = [(0, 0), *spans]
        starts = [*(start for start, _ in spans), len(line)]
        pieces = [line[end:start] for (_, end), start in zip(ends, starts, strict=True)]
        glued = "".join(pieces)
        # Syllables carry their own spaces; words that have none anywhere are parted by their times.
        line = glued if not glued.isascii() or " " in glued.strip() else " ".join(pieces)
        line = " ".join(line.split())
        plain = fold(line)
    if voice := _VOICE.match(plain):
        line = line[voice.end() :]
    return _untagged(line).strip()


def _without_background(line: str) -> str:
    """[bg: ooh] is sung behind the singer: its words stay."""
    plain = fold(line)
    if ":" in plain and (background := _BACKGROUND.fullmatch(plain)):
        return line[background.start(1) : background.end(1)]
    return line


def _untagged(line: str) -> str:
    if "<" in line:
        line = _TAG.sub("", line)
    return _OVERRIDE.sub("", line) if "{" in line else line


def _cues(lines: Sequence[str], folded: Sequence[str]) -> Iterator[str]:
    """Text of SRT, WebVTT and SBV: without numbers and names of cues, notes, styles and settings."""
    webvtt = any(line.strip("\ufeff ").startswith("WEBVTT") for line in folded[:5])
    cues: list[list[str]] = []
    block: list[str] = []  # what may turn out to name the cue whose times come next
    skipping, opened = webvtt, True
    for line, plain in zip(lines, folded, strict=True):
        arrow = _ARROW.fullmatch(plain)
        if arrow is not None or _SBV.fullmatch(plain):
            named = webvtt and opened and len(block) == 1
            if block and (named or _CUE_NUMBER.fullmatch(block[-1])):
                block.pop()
            cues.append(block)
            block = [_words(_CUE_SETTING.sub("", line[arrow.start(1) :]))] if arrow else []
            skipping = opened = False
        elif not plain.strip():
            cues.append(block)
            block, skipping, opened = [], False, True
        elif skipping or (webvtt and opened and not block and _BLOCK.match(plain)):
            skipping = True
        else:
            block.append(_words(line))
    yield from _unrolled([*cues, block])


def _unrolled(cues: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of cues; in captions that roll up, where each shows the line before again, each line once."""
    spoken = [line for cue in cues if (line := [text for text in cue if text.strip()])]
    again = sum(one[-1] == after[0] for one, after in pairwise(spoken))
    if len(spoken) <= _MIN_BARE or 2 * again < len(spoken):
        yield from (text for cue in cues for text in cue)
        return
    last = ""
    for cue in spoken:
        yield from cue[cue[0] == last :]
        last = cue[-1]


def _framed(lines: Sequence[str], frames: Sequence[re.Match[str] | None]) -> Iterator[str]:
    """Text of MicroDVD ({frame}{frame}) and MPL2 ([tenth][tenth]); "|" breaks a line."""
    for line, frame in zip(lines, frames, strict=True):
        if frame is None:
            yield line
        else:
            yield from (part.lstrip("/") for part in _FRAME_TAG.sub("", frame.group(1)).split("|"))


def _subtitle(line: str) -> Iterator[str]:
    """Text of a line of an ASS file; \\N breaks it."""
    event = _ASS_EVENT.fullmatch(line.strip())
    if event is not None:
        if not line.lstrip().startswith("Comment"):
            yield from re.split(r"\\[Nn]", _untagged(event.group(1)).replace("\\h", " "))
    elif not _ASS_REST.fullmatch(line.strip()):
        yield line


def _is_notes(lines: Sequence[str]) -> bool:
    """True for an UltraStar file: at least a third of it are notes with their syllables."""
    notes = sum(1 for line in lines if line[:1] in ":*FRG" and _NOTE.fullmatch(line))
    return notes >= _MIN_BARE and 3 * notes >= sum(1 for line in lines if line.strip())


def _syllables_joined(lines: Sequence[str]) -> Iterator[str]:
    words = ""
    for line in lines:
        if note := _NOTE.fullmatch(line):
            words += note.group(1).replace("~", "")
        elif _BREAK.fullmatch(line.strip()):
            yield words.strip()
            words = ""
        elif not _SONG_HEADER.fullmatch(line.strip()) and line.strip():
            yield line
    yield words.strip()


def _without_bare_times(lines: list[str]) -> list[str]:
    """Times without brackets go if they count on through the text: a transcript, no clock."""
    if sum(":" in line or "." in line for line in lines) < _MIN_BARE:
        return lines
    behind = [_BARE_BEHIND.search(line) if line[-1:].isdecimal() else None for line in lines]
    moved = lines
    if sum(map(bool, behind)) >= _MIN_BARE:
        moved = [
            f"{stamp.group(1)} {line[: stamp.start()]}" if stamp else line
            for line, stamp in zip(lines, behind, strict=True)
        ]
    stamps = [_BARE.match(line) if ":" in line or "." in line else None for line in moved]
    decimals = sum(stamp is not None and ":" not in stamp.group(1) for stamp in stamps)
    seconds = [_seconds(stamp.group(1)) for stamp in stamps if stamp]
    pairs = list(zip(moved, stamps, strict=True))
    sung = sum(1 for line in lines if line.strip() and not _SPOKEN.fullmatch(line.strip()))
    alone = sum(1 for line, stamp in pairs if stamp and not line[stamp.end() :].strip())
    enough = len(seconds) >= _MIN_BARE and (3 * len(seconds) >= 2 * sung or 5 * alone >= 2 * sung)
    counting = seconds == sorted(seconds) and len(set(seconds)) > 1
    clock = all(second % 60 in _ON_THE_CLOCK for second in seconds)
    if not (enough and counting) or (clock and not alone) or 0 < decimals < _MIN_DECIMALS:
        return lines
    lines = [line[stamp.end() :] if stamp else line for line, stamp in pairs]
    return [line for line in lines if not (alone and _SPOKEN.fullmatch(line.strip()))]


def _seconds(stamp: str) -> float:
    """1:02, 01:02.30, 01:02:30 and 00:01:02.300 in seconds; without a stop the third part is a fraction."""
    whole, _, fraction = stamp.replace(" ", "").replace(",", ".").partition(".")
    parts = whole.split(":")
    if not fraction and len(parts) == 3 and len(parts[0]) <= 2 and len(parts[2]) >= 2:
        *parts, fraction = parts
    if len(parts) > 3:
        *parts, fraction = parts
    total = 0
    for part in parts:
        total = 60 * total + int(part)
    return total + float(f"0.{fraction or 0}")
