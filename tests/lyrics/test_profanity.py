"""Recall on rude words, precision on clean lookalikes; measured on lines written for this test."""

import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from songdalle_core.lyrics import (
    Filtered,
    contains_profanity,
    remove_profanity,
    remove_profanity_many,
)
from songdalle_core.lyrics.profanity import _LIST, _read

LINES = Path(__file__).parents[2] / "scripts" / "data" / "rude_lines.tsv"


def lines_of(name: str) -> list[str]:
    """Lines written for these tests."""
    path = Path(__file__).parents[1] / "data" / "rude_words" / f"{name}.txt"
    return path.read_text(encoding="utf-8").splitlines()


RUDE, CLEAN = lines_of("rude"), lines_of("clean")

# Written after the list of words was finished; only what they showed wrong was then mended.
LATER_RUDE, LATER_CLEAN = lines_of("later_rude"), lines_of("later_clean")


def changed(lines: list[str]) -> dict[str, str]:
    """Lines from which the filter drops something, with what it leaves."""
    results = zip(lines, remove_profanity_many(lines), strict=True)
    return {line: result.text for line, result in results if result.removed}


def unchanged(lines: list[str]) -> list[str]:
    """Lines without a rude word in the filter's judgement."""
    rude = changed(lines)
    return [line for line in lines if line not in rude]


def test_every_encoding_of_a_rude_line_is_rude() -> None:
    found = [line for line in RUDE if contains_profanity(line)]
    assert len(found) > 40
    decomposed = [unicodedata.normalize("NFD", line) for line in found]
    assert unchanged(decomposed) == []
    assert changed([unicodedata.normalize("NFD", line) for line in CLEAN]) == changed(CLEAN)


@pytest.mark.parametrize("lines", [RUDE, LATER_RUDE], ids=["first", "later"])
def test_recall_on_rude_lines(lines: list[str]) -> None:
    missed = unchanged(lines)
    recall = 1 - len(missed) / len(lines)
    assert recall >= 0.95, f"recall {recall:.2f}; missed: {missed}"


@pytest.mark.parametrize(
    ("rude", "clean", "least"),
    [(RUDE, CLEAN, 0.98), (LATER_RUDE, LATER_CLEAN, 0.92)],
    ids=["first", "later"],
)
def test_precision_on_lookalikes(rude: list[str], clean: list[str], least: float) -> None:
    wrong = changed(clean)
    assert len(wrong) / len(clean) <= 0.05, f"{len(wrong)} clean lines changed: {wrong}"
    hits = len(rude) - len(unchanged(rude))
    precision = hits / (hits + len(wrong))
    assert precision >= least, f"precision {precision:.2f}; wrongly flagged: {wrong}"


@pytest.mark.parametrize("line", CLEAN[:4])
def test_clean_text_comes_back_to_the_letter(line: str) -> None:
    spaced = f"  {line} ,  끝 . "
    assert remove_profanity(spaced) == Filtered(spaced, 0)


@pytest.mark.parametrize(
    ("text", "left", "removed"),
    [
        ("이런 씨발 세상", "이런 세상", 1),
        ("시 발 놈아 꺼져", "꺼져", 3),
        ("좆같은 하루가 씨발 또 가네", "하루가 또 가네", 2),
        ("사랑해 씨발. 정말.", "사랑해. 정말.", 1),
        ("씨발. 사랑해", "사랑해", 1),
        ("fuck. love. shit.", "love.", 2),
        ("what the fuck, man", "what the, man", 1),
        (
            "a painting of fucking love. a mood of joyful",
            "a painting of love. a mood of joyful",
            1,
        ),
        ("씨발놈아", "", 1),
        ("", "", 0),
        ("🎈 씨발 🎈", "🎈 🎈", 1),
    ],
)
def test_removal_takes_whole_words(text: str, left: str, removed: int) -> None:
    assert remove_profanity(text) == Filtered(left, removed)


def test_case_does_not_hide() -> None:
    assert contains_profanity("FUCK")
    assert contains_profanity("Son Of A Bitch")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20_000,
        "*" * 20_000,
        "f*" * 10_000,
        "f " * 10_000,
        "시 " * 10_000,
        "시1" * 10_000,
        "ㅅ" * 20_000,
        "'" * 20_000,
        "씨발 " * 6_600,
        ". " * 10_000,
        "!" * 20_000,
    ],
    ids=lambda text: repr(text[:3]),
)
def test_long_input_ends(text: str) -> None:
    """A pattern that backtracks would take hours on one of these."""
    left = remove_profanity(text).text
    assert not contains_profanity(left)
    assert len(left) <= len(text)


def test_a_broken_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.tsv"
    path.write_text("# comment\nko\tstem\t나쁜\nko\toften\t말\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"list\.tsv, line 3"):
        _read(path)


def test_the_list_is_of_the_promised_size() -> None:
    words = _read(_LIST)
    rude: Counter[str] = Counter()
    for (language, match), row in words.items():
        rude[language] += len(row) if match != "clean" else 0
    assert rude["ko"] >= 60
    assert rude["en"] >= 40
    assert {"시발점", "새끼손가락", "개나리", "보지 못", "18번"} <= set(words["ko", "clean"])


def test_rude_and_clean_development_lines_are_separated() -> None:
    rows = [row.split("\t") for row in LINES.read_text(encoding="utf-8").splitlines()]
    lines = {label: [row[1] for row in rows if row[0] == label] for label in ("rude", "clean")}
    assert min(map(len, lines.values())) >= 150
    missed, wrong = unchanged(lines["rude"]), changed(lines["clean"])
    assert len(missed) / len(lines["rude"]) <= 0.05, missed
    assert len(wrong) / len(lines["clean"]) <= 0.01, wrong


def test_many_at_once_equal_one_by_one() -> None:
    texts = [*RUDE[:6], "", "fuck", *RUDE[:2], *CLEAN[:3]]
    assert remove_profanity_many(texts) == [remove_profanity(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "left", "removed"),
    [
        ("날 버린 새끼가 뭘 알아", "날 버린 뭘 알아", 1),
        ("씨이이발 왜 나만 이래", "왜 나만 이래", 1),
        ("개X끼 돌아와", "돌아와", 1),
        ("ㅋㅋㅋㅂㅅ 그럴 줄 알았지", "그럴 줄 알았지", 1),
        ("tlqkf 되는 게 없어", "되는 게 없어", 1),
        ("돈지랄하는 밤", "밤", 1),
        ("주둥이 다물어 제발", "제발", 2),
        ("기분 개같네", "기분", 1),
        ("퍼킹 세상", "세상", 1),
        ("추억을 뒤진다", "추억을 뒤진다", 0),
        ("시뻘건 노을이 탄다", "시뻘건 노을이 탄다", 0),
        ("하루 세끼 네 생각", "하루 세끼 네 생각", 0),
        ("디지털 세상 속 사랑", "디지털 세상 속 사랑", 0),
        ("이별이 닥쳐", "이별이 닥쳐", 0),
        ("uncle Dick and aunt May", "uncle Dick and aunt May", 0),
    ],
)
def test_kinds_of_rude_words_and_what_looks_like_them(text: str, left: str, removed: int) -> None:
    assert remove_profanity(text) == Filtered(left, removed)
