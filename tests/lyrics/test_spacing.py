"""Spacing by kiwi: glued words parted, a lyricist's own spacing stays."""

import re

import pytest

from songdalle_core.lyrics.spacing import KiwiSpacer

WELL_SPACED = """
돌아와 줘 내게로 이 겨울이 가기 전에
난 너를 사랑해 이 세상은 너뿐이야
창밖에는 비가 내리고 나는 혼자 걷는다
네가 없는 거리를 나 홀로 걸어가
별이 쏟아지는 밤하늘 아래에서
바람에 날리는 벚꽃 잎처럼
내 마음은 아직도 너를 향해 있어
멀리 떠나간 기차의 불빛처럼
아무리 불러도 대답 없는 이름
하얀 눈이 내려와 세상을 덮으면
너의 눈동자에 비친 달을 봤어
심장이 터질 것 같아 숨이 가빠
나는 나비처럼 날아갈 거야
빨간 우산을 쓰고 걷던 골목길
시간이 흘러도 변하지 않는 것
너와 함께라면 어디든 갈 수 있어
눈을 감으면 들리는 너의 목소리
이제는 안녕이라고 말할게
""".strip().splitlines()

# Written after the rules were finished.
UNSEEN = """
낡은 기타를 안고 무대 위에 섰지
젖은 머리를 말리며 라디오를 켜
우리가 사랑한 도시는 잠들지 않아
너의 편지를 읽다가 잠이 들었어
파란 하늘에 종이비행기를 날려
가로등 아래서 키스를 나눴지
오래전에 잊은 줄 알았던 멜로디
언덕 너머로 붉은 해가 지고 있어
고장 난 시계처럼 멈춰 버린 우리
바다가 그리워 무작정 기차를 탔어
사막을 건너는 낙타처럼 느리게
할머니가 불러 주던 자장가가 들려
""".strip().splitlines()


def gaps(line: str) -> set[int]:
    """Positions of the spaces, counted in the letters before them."""
    return {len(line[: m.start()].replace(" ", "")) for m in re.finditer(" ", line)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("스쳐가고아무 말 못한 채", "스쳐가고 아무 말 못한 채"),
        ("아버지가방에들어가신다", "아버지가 방에 들어가신다"),
        ("난너를사랑해이세상은너뿐이야", "난 너를 사랑해 이 세상은 너뿐이야"),
        ("사랑해사랑해사랑해", "사랑해 사랑해 사랑해"),
        ("오늘 밤은 나랑 같 이 있 어 줘", "오늘 밤은 나랑 같이 있어 줘"),
        ("보지못한 너", "보지 못한 너"),
        ("나는love you", "나는 love you"),
        ("my everything사랑해", "my everything 사랑해"),
        ("춤추자라라라라라", "춤추자 라라라라라"),
    ],
)
def test_glued_words_are_parted(text: str, expected: str) -> None:
    assert KiwiSpacer()(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "한 여름 밤의 꿈. 가을 타 겨울 내린 눈",
        "라라라라라",
        "라 라 라 라 라",
        "나나나나나 나나나",
        "우우우우 워우워",
        "뚜루루뚜루",
        "랄라랄라랄라",
        "babyletsgo i'm yours",
        "when i was young",
        "1000000번 3.14",
        "꽃길만 걷자 맘속에",
        "난 널 왜",
        "",
    ],
)
def test_what_must_stay(text: str) -> None:
    assert KiwiSpacer()(text) == text


def test_good_spacing_is_kept() -> None:
    changed = {
        line: after for line in WELL_SPACED + UNSEEN if (after := KiwiSpacer()(line)) != line
    }
    assert len(changed) <= 1, changed


@pytest.mark.parametrize("lines", [WELL_SPACED, UNSEEN], ids=["seen", "unseen"])
def test_spaces_are_found_again(lines: list[str]) -> None:
    right = added = due = 0
    wrong = []
    for line in lines:
        after = KiwiSpacer()(line.replace(" ", ""))
        assert after.replace(" ", "") == line.replace(" ", "")
        right += len(gaps(line) & gaps(after))
        added += len(gaps(after))
        due += len(gaps(line))
        wrong += [after] if gaps(after) - gaps(line) else []
    assert right / added >= 0.95, f"precision {right / added:.2f}: {wrong}"
    assert right / due >= 0.85, f"recall {right / due:.2f}"
