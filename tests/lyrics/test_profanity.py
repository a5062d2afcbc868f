"""Rude words found, clean lookalikes kept; measured on lines written for this test."""

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

RUDE = """
이런 씨발 세상이 다 미워
시발 뭐라는 거야
시1발 진짜 짜증 나
시 발 놈아 꺼져
씨-발 다 꺼져
아 시바 또 비가 와
존나 힘든 하루였어
졸라 멋있는 척하지 마
좆같은 하루가 또 가네
좆도 모르면서
야 이 개새끼야
이 새끼 뭐라는 거야
그 새끼 생각에 잠이 안 와
새끼들아 다 덤벼
병신 같은 사랑이었어
병신이라 불러도 좋아
지랄하지 말고 나가
미친년처럼 울었어
미친놈이라고 욕해도
미친 새끼 소리를 들어
그년이 널 데려갔어
저년은 도대체 누구야
썅 다 필요 없어
쌍년이라 욕해 봐
닥쳐라 이제 그만
입 닥쳐 그리고 들어
엿 먹어라 세상아
염병할 놈의 사랑
니미 씨팔 인생
창녀라고 손가락질해
개같은 인생이여
개 같은 세상 속에서
호로새끼 소릴 들어도
느금마 소리에 화가 나
ㅅㅂ 진짜 너무해
ㅂㅅ 같은 게
아 ㅈㄴ 피곤해
뒈져 버려 이 밤에
찐따 같은 내 모습
등신처럼 기다렸어
what the fuck is going on
fucking beautiful night
f*ck the world tonight
fuuuuck this town
f u c k the police
you son of a bitch
bitches love the money
that's some bullshit
sh1t happens every day
holy sh*t look at that
you asshole
kick your ass tonight
all my niggas in the club
motherfuckin' star
dirty slut on the floor
널 fuck하고 싶은 게 아냐
bitch야 저리 가
""".strip().splitlines()

CLEAN = """
시발점에 선 우리 두 사람
이 길의 시발역에서 만나
다시 발을 내딛어 본다
다시발을 내딛는 아침
내일은 날씨 발표가 없대
시 발표를 하던 그 아이
저녁 일곱 시 발 기차를 타고
수박씨 발라 먹던 여름
새끼손가락 걸고 약속해
새끼 고양이 한 마리
고양이 새끼 두 마리
제비 새끼가 우는 처마
새끼줄을 꼬던 할아버지
개나리 피는 봄날
개나리꽃 그늘 아래
개울가에 앉은 아이
보지 못한 별을 찾아
네가 보지 않는 곳에서
나를 보지 마
내일 보지 뭐
우리 언제 또 보지
자지 않고 기다린 밤
밤새 자지도 못하고
자지러지게 웃던 너
혼자 지새우는 밤
여자지만 괜찮아
18번 노래를 불러 줘
나의 십팔번을 불러
십팔 년을 기다렸어
열여덟 살의 여름
이 년이 지나도 잊지 못해
이년이 흘러 다시 만났네
십년이 지나면 알까
소년아 저 하늘을 봐
미친 듯이 사랑했어
미친 사랑의 노래
사랑에 미친 사람
걸레처럼 젖은 마음
창문을 닦던 걸레
고자질하던 어린 시절
엿처럼 달콤한 입술
엿장수 가위 소리
젖은 머리카락을 말리며
허리를 졸라매고 걷네
엄마를 졸라 산 인형
닥쳐오는 시련 앞에서
위기가 닥쳐도 웃을래
무지개같은 꿈을 꾸며
안개같은 너의 뒷모습
불꽃이 꺼져 가네
껌을 씹으며 걷던 거리
질병 신고 전화
씨앗을 뿌리던 밭
아저씨 발자국 소리
창가에 앉은 소녀
존나무 그늘 아래
그 자식은 내 친구
시바견 한 마리와 산책
등신대 포스터 앞에서
불알친구와 한잔
지난 시간의 발자취
미니미 인형처럼 작은
어머니 미소를 닮은
내 새끼 잘 자라라
hello from the other side
God bless this town
what the hell is love
damn girl you look fine
the class of ninety nine
I assume you know
a peacock in the garden
cocktail by the sea
pussycat dancing in the rain
the whale Moby Dick
Scunthorpe in the rain
grass under my feet
passing cars at night
therapist and analyst
shiitake and rice
shut up and dance
pick up the phone
I was a little drunk
bass guitar and drums
Essex and Sussex
let's hit the road
she sits by the window
that's it baby
Dickens on the shelf
titanic heart
a f r i c a spelled out loud
kiss me * under the star *
""".strip().splitlines()

# Written after the list of words was finished; only what they showed wrong was then mended.
LATER_RUDE = """
씨발 이게 사랑이냐
니가 뭔데 지랄이야
좆까라 그래
개새끼들이 판치는 세상
병신새끼 꺼져버려
미친 놈처럼 웃었지
야 이 씹새끼야
시발롬아 나와
아씨발 꿈이었네
개씨발
씨발아
진짜존나예뻐
이런 개같은 경우가
좆만한 것들이
빙신아 울지 마
저 새끼들 다 덤벼
이새끼야
미친년아
년놈들이 웃어
개년아
fuck
Fuckin' hell
shut the f**k up
bitch better have my money
I don't give a shit
shitty day
b!tch please
a$$hole
dumbass kid
pussy money weed
those hoes ain't loyal
WTF is this
S.H.I.T
걔는 존나게 달려
시이발
썅년아
ㅅ1ㅂ
ㅆㅂ놈아
창녀가 아닌 처녀
불알
wanking
""".strip().splitlines()

LATER_CLEAN = """
시발택시를 타던 시절
다시 발견한 사랑
반지랄 것도 없는 손
병신년에 태어난 아이
한국보지 못해
나도 가보지 않은 길
먹어보지 그래
자지 마 아직은
남자지 여자지
그년 전에 우리는
저년도에 심은 나무
작년 이맘때
내년이면 스물
소년이 걷던 길
청소년아 꿈을 꿔
금년은 다르겠지
신년을 맞아
풍년이 온 들녘
개운한 아침
개나리 진달래
조개같은 입술
무지개 같은 꿈
번개같은 사랑
개같이 충실한 나
우리 집 개 한 마리
개 새끼 세 마리가 태어났네
새끼 오리 떼
어미 새와 새끼 새
엿을 나눠 먹던 밤
바지락 칼국수
지나 지나 랄랄라
등신불 앞에서
후장기 계획
음미니 미니
졸라대던 동생
씨앗 발아
아가씨 발걸음
시바 여왕의 꿈
보지도 듣지도 못한
들어보지도 못한 노래
누가 보지도 않는데
떠나지 자지 않고
잠자지 못해
좋은 시 발 아래 꽃
조나단 존 나단
classic bass
Uranus and Venus
Hancock tower
button up your shirt
shot in the dark
fork and duck
shift the gears
I am Dick Whittington
sass and brass
pass the ass-ociation
Arsenal game
the title track
Titans of rock
document
accumulate
rapeseed oil
analog sunsets
hoe the garden
scum of the earth
5 a.m. on the clock
b.u.t. a.s. i said
""".strip().splitlines()


@pytest.mark.parametrize("lines", [RUDE, LATER_RUDE], ids=["first", "later"])
def test_recall_on_rude_lines(lines: list[str]) -> None:
    missed = [line for line in lines if not contains_profanity(line)]
    recall = 1 - len(missed) / len(lines)
    assert recall >= 0.95, f"recall {recall:.2f}; missed: {missed}"


@pytest.mark.parametrize(
    ("rude", "clean", "least"),
    [(RUDE, CLEAN, 0.98), (LATER_RUDE, LATER_CLEAN, 0.92)],
    ids=["first", "later"],
)
def test_precision_on_lookalikes(rude: list[str], clean: list[str], least: float) -> None:
    wrong = {line: remove_profanity(line).text for line in clean if contains_profanity(line)}
    assert len(wrong) / len(clean) <= 0.05, f"{len(wrong)} clean lines changed: {wrong}"
    found = sum(contains_profanity(line) for line in rude)
    precision = found / (found + len(wrong))
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


def test_the_development_lines_are_told_apart() -> None:
    rows = [row.split("\t") for row in LINES.read_text(encoding="utf-8").splitlines()]
    lines = {label: [row[1] for row in rows if row[0] == label] for label in ("rude", "clean")}
    assert min(map(len, lines.values())) >= 150
    missed = [line for line in lines["rude"] if not contains_profanity(line)]
    wrong = [line for line in lines["clean"] if contains_profanity(line)]
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
