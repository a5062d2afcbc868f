"""Spacing by soynlp's word scores."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

import songdalle_core
from songdalle_core.lyrics import SoynlpSpacer, clean_lyrics
from songdalle_core.lyrics.soynlp_spacing import _CORPUS

ROOT = Path(songdalle_core.__file__).parent

# Not in the corpus, though of its vocabulary: a model of counts knows no other words.
OTHER_LINES = """
네가 없는 거리를 나 홀로 걸어가
우리 처음 만난 그날을 기억해
내 마음은 아직도 너를 향해 있어
하얀 눈이 내려와 세상을 덮으면
심장이 터질 것 같아 숨이 가빠
나는 나비처럼 날아갈 거야
시간이 흘러도 변하지 않는 것
눈을 감으면 들리는 너의 목소리
커피 한 잔을 마시며 너를 생각해
""".strip().splitlines()


@pytest.fixture(scope="module")
def spacer() -> SoynlpSpacer:
    return SoynlpSpacer.default()


def test_the_original_example(spacer: SoynlpSpacer) -> None:
    assert spacer("스쳐가고아무 말 못한 채") == "스쳐가고 아무 말 못한 채"
    assert clean_lyrics("스쳐가고아무 말 못한 채", spacer=spacer).text == "스쳐가고 아무 말 못한 채"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("한 여름 밤의 꿈\n가을 타 겨울 내린 눈", "한 여름 밤의 꿈. 가을 타 겨울 내린 눈"),
        ("소리쳐 (say ho)", "소리쳐 say ho"),
        ("아아아 어려워", "아 어려워"),
        ("When I was young", "when i was young"),
    ],
)
def test_the_other_rules_hold_with_it(spacer: SoynlpSpacer, text: str, expected: str) -> None:
    assert clean_lyrics(text, spacer=spacer).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "한 여름 밤의 꿈. 가을 타 겨울 내린 눈",
        "라라라라라",
        "when i was young",
        "사랑해",
        "1000번",
        "",
    ],
)
def test_what_must_stay(spacer: SoynlpSpacer, text: str) -> None:
    assert spacer(text) == text


def test_an_ending_is_not_a_word(spacer: SoynlpSpacer) -> None:
    assert spacer("사랑해사랑해") == "사랑해 사랑해"


def test_lines_of_known_words(spacer: SoynlpSpacer) -> None:
    corpus = set(_CORPUS.read_text(encoding="utf-8").splitlines())
    assert not corpus & set(OTHER_LINES)
    right = sum(spacer(line.replace(" ", "")) == line for line in OTHER_LINES)
    assert right >= 0.6 * len(OTHER_LINES)
    assert [spacer(line) for line in OTHER_LINES] == OTHER_LINES  # good spacing stays


def test_training_on_other_lines_learns_other_words() -> None:
    lines = ["푸르른 고래가 헤엄을 친다", "작은 고래가 노래를 한다", "늙은 고래가 헤엄을 쳤다"] * 8
    trained = SoynlpSpacer.train(lines)
    assert trained("작은고래가헤엄을") == "작은 고래가 헤엄을"
    assert trained("사랑하는사람에게") == "사랑하는사람에게"


def test_too_few_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="3 Korean lines are too few"):
        SoynlpSpacer.train(["한 줄", "두 줄", "세 줄", "no hangul"])


def test_the_corpus_is_ours_and_large_enough() -> None:
    lines = _CORPUS.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("#")
    assert "CC0" in lines[0]
    assert len({line for line in lines if not line.startswith("#")}) >= 300


def test_one_long_word_is_fast(spacer: SoynlpSpacer) -> None:
    start = time.process_time()
    spacer("아버지가방에들어가신다" * 1_800)
    assert time.process_time() - start < 5


def test_the_default_back_end_does_not_load_soynlp() -> None:
    code = (
        "import sys; from songdalle_core.lyrics import clean_lyrics, SoynlpSpacer; "
        "clean_lyrics('스쳐가고아무 말'); sys.exit('soynlp' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT.parent).returncode == 0
