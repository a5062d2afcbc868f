"""What to search for where nothing was found as typed: a song's name without what players and shops add to it.

Names of files and videos hold more than title and artist: "IU(아이유) _ Blueming(블루밍) [Official MV].mp3".
"""

from __future__ import annotations

import re
import unicodedata

from songdalle_core.wordsets import word_set

_EXTENSION = re.compile(
    r"(?P<video_id>-(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{11})?"
    r"\.(?:mp3|mp4|m4a|m4v|aac|flac|wav|aiff?|ogg|oga|opus|wma|ape|webm|mkv|avi|mov|lrc|srt|vtt|txt)\s*$",
    re.ASCII | re.IGNORECASE,
)
_TRACK_NUMBER = re.compile(
    r"\A\s*(?:track\s*\d{1,3}\b|\d{1,3}[.)]\s+|\d{1,3}\.(?=[^\W\d])|0\d\s|0\d\s*-\s|\d{1,2}\s+-\s+(?=.+\s-\s)"
    r"|\d-\d\d\s)\s*-?",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|【[^【】]*】|〔[^〔〕]*〕")
_BRACKETS = re.compile(r"[()\[\]{}【】〔〕]")
_TITLE_QUOTES = re.compile(r"[<>〈〉《》「」『』\"“”„«»]|(?<!\w)['‘’]|['‘’](?!\w)")
_SEPARATOR = re.compile(r"\s+[-–—~/:|·•]+\s+|\s*[|│]+\s*|\s+[-–—](?=\S)|(?<=\S)[-–—]\s+")
_GUESTS = re.compile(
    r"(?<!\w)(?:(?<!\d )(?:feat(?:uring)?|ft)(?:[.:]\s*|\s+)|prod(?:uced)?(?:\.\s*(?:by\s+)?|\s+by\s+)"
    r"|cover(?:ed)?\s+by\s+|(?:피처링|피쳐링)[.:]?\s*|@\s?)\S.*",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<!\d)(?:19|20)?\d\d[01]\d[0-3]\d(?!\d)")
_OCCASION = re.compile(
    r"(?:live|recorded)\s+(?:at|from|in|on)\b|from\s+(?:the\s+(?:motion|film|movie|series|album)\b|['\"“‘])|original\s+(?:motion\s+picture\s+)?"
    r"(?:soundtrack|score)\b|(?:\d{4}\s+)?(?:digital(?:ly)?\s+)?re-?master(?:ed)?\b",
    re.IGNORECASE,
)
"""Begins a part that says which recording it is."""

_MARKS = word_set(
    """
    official mv m/v pv lyrics lyric lyrical visualizer visualiser teaser trailer fancam karaoke choreography
    remaster remastered remix remixed ver ver. version edit edition inst inst. instrumental acoustic
    unplugged audio hd hq uhd 4k 8k 720p 1080p 60fps hi-res 320kbps flac mp3 subbed subtitles romanized vevo
    topic shorts nightcore slowed reverb 8d sped ost soundtrack explicit cover covered mr demo 가사 가사집
    가사첨부 자막 한글자막 해석 번역 발음 뮤비 뮤직비디오 공식 오피셜 라이브클립 직캠 음원 노래방 반주 엠알
    커버 커버곡 어쿠스틱 리마스터 리마스터링 리믹스 버전 버젼 티저 안무 안무영상 교차편집 고음질 고화질 듣기
    연속듣기 한시간 1시간 무료듣기 신곡 타이틀곡 수록곡 세로라이브 공식영상 풀버전
    """
)
"""Words that are no part of a song's name where they follow it."""
_BESIDE = word_set(
    """
    music video videos clip film live performance dance practice stage mix concert session sessions radio
    single album original extended deluxe bonus track full special self vertical color colour coded eng
    english kor korean jpn japanese han rom hangul sub subs cc mono stereo anniversary hour hours loop up
    part pt pt. clean cam 라이브 공연 콘서트 무대 영상 연습 시간 반복 모음 노래 세로 스페셜 첨부 포함 있음
    전곡
    """
)
"""Words that are none either where one of the marks stands beside them."""
_ALONE = word_set("live 라이브 concert 콘서트 clip video")
"""Words that are none as a part of their own: "Title - Live"."""


def simplified(query: str) -> str | None:
    """The names of a song and of those who sing it; None if that is the query itself, or nothing.

    Brackets go with what is in them, guests, marks of files and videos ("[Official MV]", "- Remastered 2011",
    ".mp3", "가사", "직캠"), numbers of tracks. What would leave nothing stays.

    Args:
        query: one line.
    """
    text = unicodedata.normalize("NFKC", query).replace("_", " ")
    text = "".join(" " if unicodedata.category(c) in ("So", "Sk", "Cf") else c for c in text)
    text = _kept(_EXTENSION.sub("", text), text)
    text = _kept(_TRACK_NUMBER.sub("", text, count=1), text)
    simple = _names(_without_asides(text)) or _names(_BRACKETS.sub(" ", text))
    same = simple.casefold() == " ".join(query.split()).casefold()
    return None if same or not _says_something(simple) else simple


def _without_asides(text: str) -> str:
    before = None
    while before != text:  # brackets within brackets: the inner ones go first
        before, text = text, _ASIDE.sub(" ", text)
    return _BRACKETS.sub(" ", text)


def _names(text: str) -> str:
    """The parts of a text that name something, without marks at their ends; empty if there are none."""
    parts = [_TITLE_QUOTES.sub(" ", part).strip() for part in _SEPARATOR.split(text)]
    named = [
        _without_tail(_GUESTS.sub("", part))
        for number, part in enumerate(parts)
        if not _is_mark(part) and not (number and _OCCASION.match(part))
    ]
    words = _DATE.sub(" ", " ".join(named)).replace("#", " ").split()
    return " ".join(words) if any(map(_says_something, words)) else ""


def _is_mark(part: str) -> bool:
    """Whether a part of a text names nothing."""
    words = _words(part)
    marked = any(word in _MARKS or word in _ALONE for word in words)
    return marked and all(map(_may_go, words))


def _without_tail(part: str) -> str:
    """A part without the marks at its end; its first word stays."""
    words = part.split()
    end = len(words)
    while end > 1 and all(map(_may_go, _words(words[end - 1]))):
        end -= 1
    tail = _words(" ".join(words[end:]))
    return " ".join(words[:end]) if any(word in _MARKS for word in tail) else part


_PARTING = str.maketrans("#/", "  ")


def _words(text: str) -> list[str]:
    return [word.casefold() for word in text.translate(_PARTING).split() if _says_something(word)]


def _may_go(word: str) -> bool:
    return word in _MARKS or word in _BESIDE or word.isdigit() or word.strip(".,!") in _MARKS


def _kept(shorter: str, text: str) -> str:
    return shorter if _says_something(shorter) else text


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)
