"""Lines of Korean with the English they must give, through the shipped lexicon.

`EXACT` pins whole phrases; `ORDERED` names words that must come in this order (a word may be a
choice, written with |); `ABSENT` names words that must not occur.
"""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from songdalle_core.hangul import contains_hangul
from songdalle_core.translation import LAST_RESORT, GlossTranslator, Lexicon, Translation
from songdalle_core.translation.aggregation import MAX_WORDS
from songdalle_core.translation.borrowing import akin, borrow
from songdalle_core.translation.lexicon import Entry

EXACT = {
    "창밖에 하얀 눈이 조용히 내리고": "white snow falling quietly outside the window",
    "파란 하늘 아래 빨간 자전거": "a red bicycle under a blue sky",
    "고양이가 창가에 앉아 졸고 있어": "a cat sitting by the window and dozing",
    "골목길 가로등 아래 검은 고양이": "a black cat under the alley street lamp",
    "세 개의 별과 두 마리 새": "three stars and two birds",
    "커피 한 잔과 책 한 권": "a cup of coffee and a book",
    "구름 없는 하늘에 무지개": "a rainbow in the sky without clouds",
    "달빛 아래 춤추는 우리": "dancing under the moonlight",
    "너는 나의 별이야": "a star",
    "별 같은 너의 눈": "eyes like stars",
    "눈 위를 달린다": "running over the snow",
    "머리 위로 새가 난다": "a bird flying over the head",
    "망치로 돌을 깬다": "breaking a stone with a hammer",
    "나비를 잡는다": "catching a butterfly",
    "그렇게 끝나 버린 밤 창문 앞에 앉는다": "sitting in front of the window at night",
    "편지를 쓰는 밤": "writing a letter at night",
    "불타는 성": "a burning castle",
    "맥주 두 병과 기타 하나": "two bottles of beer and a guitar",
    "작은 배를 타고 강을 건너가": "crossing a river in a small boat",
    "비 그친 옥상에서 무지개를 세어 본다": "a rainbow on the rooftop",
    "너 없는 식탁에 숟가락이 두 개": "two spoons on the dining table",
    "달빛으로 만든 배를 타고 떠나자": "leaving in a boat made of moonlight",
    "하얀 snow 위에 black cat 한 마리": "a black cat on white snow",
    "네 손가락에 끼워 준 은반지": "a silver ring in a finger",
    "식탁 위 꽃병에 시든 장미 한 송이": "a rose withered in a vase on the dining table",
    "가을이 오면 은행나무 길을 걷자": "walking along the ginkgo tree road in autumn",
    "폭풍이 몰아치는 바다": "a sea with a raging storm",
    "자정의 시계탑 아래서 기다릴게": "waiting under the midnight clock tower",
    "모자를 쓰고 편지를 써": "wearing a hat and writing a letter",
    "하얀 원피스에 밀짚모자를 쓴 소녀": "a girl wearing a straw hat in a white dress",
    "피터 팬과 함께 네버랜드로 날아가": "flying away with peter pan to neverland",
    "차를 몰고 해변으로 달려": "driving a car and running to the shore",
    "Kiss me 가로등 아래서": "a street lamp",
    "눈사람을 만들던 겨울 아침": "making a snowman on a winter morning",
    "네온사인 아래 검은 고양이 지붕 위에서 춤을 춰 all night": (
        "a black cat dancing under the neon sign on the roof, all night"
    ),
}

ORDERED = {
    "저 산 너머 무지개를 찾아 떠난 소년은 돌아오지 않고": "boy leaving rainbow mountain",
    "그 아이는 울지 않고 웃었지": "child smiling",
    "창밖엔 눈 내 눈엔 너": "snow window eyes",
    "눈 감으면 더 선명해지는 너란 사람": "closing eyes",
    "너에게 줄 장미를 등 뒤에 감추고": "rose behind back",
    "사과 한 상자 문 앞에 놓고 간 이웃": "box of apples|apple door neighbor",
    "사탕보다 달콤한 네 입술": "lips like candy",
    "밥솥에서 칙칙 김 오르는 저녁": "steam rising rice cooker evening",
    "풍선을 타고 날아가는 예쁜 꿈": "a pretty dream of flying in balloon",
    "눈 덮인 거리 위에 발자국만 남았네": "footprints on street|road snow|snowy",
    "바닷가에서 기타를 치는 밤": "playing the guitar on the beach|shore|seaside at night",
    "노란 꽃길 따라 바람을 가르며": "along yellow flower road|path",
    "새들도 나무 위에서 노래해": "birds singing tree",
    "손을 잡고 춤추자 라라라라라": "holding hands and dancing",
    "대답 없는 밤하늘엔 별빛만 가득해": "starlight night",
    "아름다운 별이 빛나는 밤": "beautiful stars shining at night",
    "우산도 없이 비를 맞으며 걷던 골목길": "rain without an umbrella walking in alley",
    "기차역에 홀로 서서 널 기다려": "standing alone at train station waiting",
    "내 맘속에 피어난 장미꽃": "a blooming rose",
    "겨울밤 벽난로 앞에서 커피를 마시는 너": (
        "drinking coffee in front of the fireplace winter night"
    ),
    "별이 빛나고 달이 떠오르면 춤을 추자": "stars shining moon rising",
    "아무도 없는 거리에 작은 강아지": "a small puppy|dog on the street",
    "나무로 만든 집": "a house made of tree|wood",
    "어두운 바다를 건너는 작은 배": "a small boat|ship crossing dark sea",
    "우리 함께 걷던 벚꽃길 위로 꽃잎이 흩날려": "petals over cherry blossom road|path",
    "빨갛게 물든 단풍": "leaves red",
    "강변도로를 달리는 차": "a car along the riverside road",
    "아이스크림처럼 달콤한 키스": "a sweet kiss like ice cream",
    "풍선을 든 아이가 언덕 위에 서 있네": "a child holding balloon standing on the hill",
    "하얀 파도 위를 나는 갈매기": "a seagull flying over white wave|waves",
    "기차를 타고 떠나는 여름 바다": "leaving on the train summer sea",
    "떨어지는 낙엽을 밟으며 걷는 소녀": "a girl stepping on falling leaves walking",
    "불타는 태양 아래 사막을 걷는 낙타": "a camel walking under burning sun desert",
    "바람에 흩날리는 벚꽃": "cherry blossoms scattering wind",
    "붉은 노을이 지는 바다에 혼자 서 있는 나": "standing sea red sunset",
    "빗방울이 창문을 두드리는 오후": "raindrops window in the afternoon",
    "오래된 사진 속에서 웃고 있는 우리": "smiling|laughing in an old photo",
    "춤추는 인형과 노래하는 새": "a dancing doll and a singing bird",
    "나는 오늘도 너를 기다려 버스 정류장에서": "waiting at the bus stop",
    "눈이 큰 소녀가 빨간 풍선을 들고 있네": "a girl with big eyes holding a red balloon",
    "소년은 검을 들고 용과 싸워": "a boy holding a sword fighting with a dragon",
    "텅 빈 방 안에 시계 소리만 들려": "clock empty room",
    "바다가 보이는 창": "a window with the sea",
    "노란 풍선을 타고 구름 위를 날아가": "flying in a yellow balloon over clouds",
    "눈 덮인 산을 넘어 겨울 기차가 하얀 연기 뿜으며 달려가": (
        "a winter train white smoke over mountain running"
    ),
    "따뜻한 커피를 마시며 창밖을 바라보네": "drinking warm coffee window",
    "너의 눈을 감고": "closing eyes",
}

ABSENT = {
    "그 아이는 울지 않고 웃었지": "crying",
    "너의 눈을 감고": "snow",
    "창밖에 하얀 눈이 조용히 내리고": "eye eyes",
    "잠들지 않는 도시의 불빛": "sleeping falling asleep",
    "우리 함께 걷던 벚꽃길 위로 꽃잎이 흩날려": "we our us",
    "눈물이 흐르지 않는 소녀": "flowing",
}


@pytest.fixture(scope="module")
def translator() -> GlossTranslator:
    return GlossTranslator()


@pytest.mark.parametrize(("korean", "english"), EXACT.items())
def test_whole_phrases(translator: GlossTranslator, korean: str, english: str) -> None:
    assert translator.translate(korean).text == english


@pytest.mark.parametrize(("korean", "english"), ORDERED.items())
def test_words_in_order(translator: GlossTranslator, korean: str, english: str) -> None:
    pattern = r"\b.*\b".join(f"(?:{word})" for word in english.split())
    phrase = translator.translate(korean).text
    assert re.search(rf"\b{pattern}\b", phrase), phrase


@pytest.mark.parametrize(("korean", "words"), ABSENT.items())
def test_words_that_must_not_occur(translator: GlossTranslator, korean: str, words: str) -> None:
    words_used = set(re.findall(r"\w+", translator.translate(korean).text))
    assert not words_used & set(words.split()), words_used


@pytest.mark.parametrize("line", [*EXACT, *ORDERED, *ABSENT])
def test_every_phrase_is_short_clean_english(translator: GlossTranslator, line: str) -> None:
    phrase = translator.translate(line).text
    words = re.findall(r"[\w']+", phrase)
    assert 0 < len(words) <= MAX_WORDS
    assert phrase == " ".join(phrase.split())
    assert not contains_hangul(phrase)
    assert not any(a == b for a, b in pairwise(words)), phrase
    assert not re.search(r"\ba [aeio]|\ban [bcdfgjklmnpqrstvwxz]", phrase), phrase
    assert words[-1] not in {"a", "an", "the", "of", "with", "and", "in", "on"}


@pytest.mark.parametrize("text", ["Walking in the rain, oh yeah", "moon", "12 34", "la la la"])
def test_text_without_korean_passes_through(translator: GlossTranslator, text: str) -> None:
    assert translator.translate(text) == Translation(text, (), True)


def test_english_words_keep_their_place_in_mixed_lines(translator: GlossTranslator) -> None:
    phrase = translator.translate("붉은 장미가 피어나 don't stop 하얀 나비가 날아가").text
    assert re.search(r"roses?.*don't stop.*butterfly", phrase), phrase


def test_an_english_noun_with_a_particle_is_a_noun(translator: GlossTranslator) -> None:
    assert translator.translate("빨간 balloon을 든 소녀").text.startswith("a girl holding")
    assert "red balloon" in translator.translate("빨간 balloon을 든 소녀").text


def test_abstractions_become_images_only_when_nothing_can_be_painted(
    translator: GlossTranslator,
) -> None:
    alone = translator.translate("사랑해 너만을")
    assert "heart" in alone.text
    assert "사랑" in alone.images or "사랑하다" in alone.images
    with_picture = translator.translate("사랑해 저 하얀 기차")
    assert "white train" in with_picture.text
    assert with_picture.images == ()


@pytest.mark.parametrize(
    ("line", "image"),
    [
        ("보고 싶다 미치도록 보고 싶어", "letter"),
        ("이제는 안녕 우리 헤어져", "broken heart"),
        ("외로움이 밀려와 견딜 수 없어", "moon"),
        ("미안해 정말 미안해", "letter"),
        ("괜찮아 다 잘될 거야", "sun"),
    ],
)
def test_abstract_lines_become_images_that_are_listed(
    translator: GlossTranslator, line: str, image: str
) -> None:
    result = translator.translate(line)
    assert image in result.text
    assert result.images


def test_an_unknown_noun_borrows_from_a_near_synonym() -> None:
    translator = GlossTranslator(Lexicon([Entry("목도리", "noun", "scarf", True)]))
    assert akin("털목도리", "목도리")
    assert not akin("귀걸이", "목도리")
    known = Lexicon.load()
    entry = borrow(Lexicon([e for e in known.nouns() if e.lemma != "안락의자"]), "안락의자")
    assert entry is not None
    assert entry.english.endswith("chair")
    assert borrow(known, "뷁뷁이") is None
    assert translator.translate("철학").borrowed == ()


def test_unknown_lemmas_are_listed_once_and_the_rest_is_translated(
    translator: GlossTranslator,
) -> None:
    result = translator.translate("뷁뷁이 풍선을 들고 뷁뷁이 웃네")
    assert "balloon" in result.text
    assert any("뷁" in lemma for lemma in result.unknown)
    assert len(set(result.unknown)) == len(result.unknown)


def test_the_last_resort_when_not_one_word_is_known() -> None:
    translator = GlossTranslator(Lexicon([Entry("달", "noun", "moon", True)]))
    result = translator.translate("철학적 고찰")
    assert result.text == LAST_RESORT
    assert result.unknown
    assert translator.translate("철학적 고찰 hello").text == "hello"


def test_many_at_once_equal_one_by_one(translator: GlossTranslator) -> None:
    texts = [*EXACT, "I love you", "사랑해"]
    assert translator.translate_many(texts) == [translator.translate(t) for t in texts]
    assert translator.translate_many([]) == []


@pytest.mark.parametrize("text", ["", "   ", "...", "ㅋㅋㅋ", "가", "라라라", "은는이가", "을 를"])
def test_scraps_do_not_fail(translator: GlossTranslator, text: str) -> None:
    translation = translator.translate(text)
    assert translation.passthrough or translation.text


def test_a_very_long_text_is_still_a_short_phrase(translator: GlossTranslator) -> None:
    phrase = translator.translate(" ".join([*EXACT, *ORDERED] * 8)).text
    assert len(phrase.split()) <= MAX_WORDS
