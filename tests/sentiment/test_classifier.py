"""The shipped mood classifier: right on plain lyrics, defined on empty ones, safe when damaged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from scripts.training.sentiment.passages import read_passages
from scripts.training.weight_sums import update_sums
from songdalle_core.artifacts import WEIGHTS, WeightsError
from songdalle_core.moods import MOODS, Mood
from songdalle_core.sentiment import MoodClassifier, Sentiment
from songdalle_core.sentiment.classifier import (
    VOCABULARY_NAME,
    WEIGHTS_NAME,
    Temperature,
    softmax,
)

DATA = Path(__file__).resolve().parents[2] / "scripts" / "data" / "mood_passages.jsonl"

# Written after the training passages and never trained on.
UNSEEN: list[tuple[Mood, str]] = [
    ("Sadness", "너를 보내고 돌아오는 길\n눈물이 앞을 가려\n다시는 볼 수 없다는 게\n믿어지지 않아"),
    ("Sadness", "텅 빈 집에 혼자 앉아\n네가 남긴 옷을 안고 울었어"),
    ("Sadness", "그리워서 그리워서\n밤마다 너의 이름을 불러 보지만\n돌아오는 건 쓸쓸한 메아리뿐"),
    ("Sadness", "미안해 널 지켜 주지 못해서\n헤어지던 그 계절이 오면\n가슴 한쪽이 무너져"),
    ("Sadness", "I cried all night since you said goodbye\nmy heart is broken and I'm so alone"),
    ("Sadness", "lonely night 너 없는 이 방에서\n또 눈물로 밤을 지새워"),
    ("Power", "두려움을 짓밟고 일어서\n내가 바로 승리자\n누구도 나를 막지 못해"),
    ("Power", "왕좌는 내 거야 고개 숙여\n최고라는 두 글자 내 이름 앞에 새겨"),
    ("Power", "쓰러져도 다시 싸운다\n우리는 강하다\n주먹을 들고 세상을 향해 외쳐라"),
    ("Power", "한계를 부수고 정상을 향해 달려\n포기하지 않는 나는 챔피언"),
    ("Power", "I am a warrior I will fight and win\nnobody can break my iron will"),
    ("Power", "stand up 일어나 당당하게\n세상을 뒤집을 힘이 내 안에 있어"),
    ("Tension", "어둠 속에서 누가 나를 쫓아와\n숨이 막혀 도망쳐야 해\n뒤돌아보면 끝이야"),
    ("Tension", "미칠 것 같아 의심이 나를 삼켜\n너의 거짓말에 분노가 치밀어"),
    ("Tension", "피 묻은 칼날이 번뜩이고\n비명이 복도에 울려 퍼진다"),
    ("Tension", "집착이라 불러도 좋아\n널 가둬 두고 나만 볼 거야\n넌 절대 도망 못 가"),
    (
        "Tension",
        "they're hunting me down in the dead of night\nmy hands are shaking I'm frozen with fright",
    ),
    ("Tension", "danger 경고음이 울려\n심장이 터질 듯 뛰어 숨을 곳이 없어"),
    ("Joyful", "신나게 춤을 추자 모두 모여라\n오늘은 즐거운 축제의 날"),
    ("Joyful", "너와 손잡고 소풍 가는 길\n콧노래가 절로 나와\n세상이 반짝반짝 웃고 있어"),
    ("Joyful", "설레는 첫 데이트 두근두근\n네 미소가 사탕처럼 달콤해"),
    ("Joyful", "생일 축하 노래를 부르고\n케이크를 나눠 먹으며 깔깔 웃었지"),
    (
        "Joyful",
        "we're dancing in the sunshine all day long\nlaugh and clap and sing our happy song",
    ),
    ("Joyful", "let's party tonight 신나게 놀자\n랄라라 손뼉 치며 노래해"),
    ("Calmness", "잔잔한 호숫가에 앉아\n천천히 흐르는 구름을 바라보네\n마음이 고요해져"),
    ("Calmness", "따뜻한 이불 속에서\n빗소리를 들으며 편안히 잠이 들어"),
    ("Calmness", "산들바람 부는 오후\n나무 그늘에 기대어 책을 읽네"),
    ("Calmness", "괜찮아 천천히 가도 돼\n오늘은 조용히 쉬어 가자"),
    ("Calmness", "the lake is quiet in the morning mist\nslow and gentle the day begins"),
    ("Calmness", "달빛이 고요히 내려앉은 밤\nsleep softly 부드러운 바람 속에"),
]
FEWEST_RIGHT = 26


@pytest.fixture(scope="module")
def classifier() -> MoodClassifier:
    return MoodClassifier.load()


@pytest.fixture
def copied_weights(tmp_path: Path) -> Path:
    """A weights folder of its own, safe to damage."""
    shutil.copytree(WEIGHTS / "sentiment", tmp_path / "sentiment")
    update_sums(tmp_path, [WEIGHTS_NAME, VOCABULARY_NAME])
    return tmp_path


def test_unseen_lyrics_of_every_mood(classifier: MoodClassifier) -> None:
    known = {passage.text for passage in read_passages(DATA)}
    assert not known & {text for _, text in UNSEEN}
    sentiments = classifier.classify_many([text for _, text in UNSEEN])
    wrong = [
        (text, mood, sentiment.label)
        for (mood, text), sentiment in zip(UNSEEN, sentiments, strict=True)
        if sentiment.label != mood
    ]
    assert len(UNSEEN) - len(wrong) >= FEWEST_RIGHT, wrong
    for mood in MOODS:
        assert sum(expected == mood for _, expected, _ in wrong) <= 2, wrong


def test_scores_are_probabilities_in_the_order_of_the_moods(classifier: MoodClassifier) -> None:
    for sentiment in classifier.classify_many([text for _, text in UNSEEN]):
        assert tuple(sentiment.scores) == MOODS
        assert sum(sentiment.scores.values()) == pytest.approx(1, abs=1e-9)
        assert all(0 <= score <= 1 for score in sentiment.scores.values())
        assert sentiment.label == max(MOODS, key=sentiment.scores.__getitem__)


def test_many_equals_one_by_one(classifier: MoodClassifier) -> None:
    texts = [text for _, text in UNSEEN[::3]] + ["", "봄", "😀"]
    assert classifier.classify_many(texts) == [classifier.classify(text) for text in texts]
    assert classifier.classify_many([]) == []


@pytest.mark.parametrize("text", ["", " \n ", "😀😀", "...", "你好世界", "\x00", "123 456"])
def test_nothing_to_read_is_uniform(classifier: MoodClassifier, text: str) -> None:
    uniform: dict[Mood, float] = dict.fromkeys(MOODS, 0.2)
    assert classifier.classify(text) == Sentiment("Calmness", uniform)


def test_line_breaks_full_stops_and_capitals_do_not_matter(classifier: MoodClassifier) -> None:
    lines = "I Cried All Night\nmy heart is broken\n\n너를 보내고 울었어"
    cleaned = "i cried all night. my heart is broken. 너를 보내고 울었어"
    assert classifier.classify(lines) == classifier.classify(cleaned)


def test_a_whole_song_keeps_the_mood_of_its_passages(classifier: MoodClassifier) -> None:
    for mood in MOODS:
        song = "\n".join(text for label, text in UNSEEN if label == mood)
        assert classifier.classify(song).label == mood
        assert classifier.classify("\n".join([song] * 40)).label == mood


def test_damaged_weights_are_refused(copied_weights: Path) -> None:
    path = copied_weights / WEIGHTS_NAME
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="damaged"):
        MoodClassifier.load(copied_weights)


@pytest.mark.parametrize("name", [WEIGHTS_NAME, VOCABULARY_NAME])
def test_missing_weights_are_named(copied_weights: Path, name: str) -> None:
    (copied_weights / name).unlink()
    with pytest.raises(WeightsError, match=Path(name).name):
        MoodClassifier.load(copied_weights)


def test_vocabulary_of_other_weights_is_refused(copied_weights: Path) -> None:
    path = copied_weights / VOCABULARY_NAME
    vocabulary = json.loads(path.read_text(encoding="utf-8"))
    vocabulary["words"].pop()
    path.write_text(json.dumps(vocabulary), encoding="utf-8")
    update_sums(copied_weights, [VOCABULARY_NAME])
    with pytest.raises(WeightsError, match=r"words\.weights has shape"):
        MoodClassifier.load(copied_weights)


def test_weights_with_other_moods_are_refused(copied_weights: Path) -> None:
    path = copied_weights / VOCABULARY_NAME
    vocabulary = json.loads(path.read_text(encoding="utf-8"))
    vocabulary["moods"] = ["Happy", "Sad"]
    path.write_text(json.dumps(vocabulary), encoding="utf-8")
    update_sums(copied_weights, [VOCABULARY_NAME])
    with pytest.raises(WeightsError, match="do not fit together"):
        MoodClassifier.load(copied_weights)


def test_missing_tensor_is_refused(copied_weights: Path) -> None:
    tensors = load_file(copied_weights / WEIGHTS_NAME)
    del tensors["bias"]
    save_file(tensors, copied_weights / WEIGHTS_NAME)
    update_sums(copied_weights, [WEIGHTS_NAME])
    with pytest.raises(WeightsError, match="bias"):
        MoodClassifier.load(copied_weights)


def test_softmax_temperature_flattens() -> None:
    logits = np.array([[2.0, 0.0, 0.0, 0.0, 1.0]])
    sharp, flat = softmax(logits, np.array([0.5])), softmax(logits, np.array([4.0]))
    assert sharp.sum() == pytest.approx(1)
    assert flat.sum() == pytest.approx(1)
    assert sharp.argmax() == flat.argmax() == 0
    assert sharp.max() > flat.max() > 0.2


def test_short_texts_are_less_certain() -> None:
    temperature = Temperature(limit=0.5, shortness=10.0)
    of_word, of_verse, of_song = temperature.of(np.array([1.0, 25.0, 1000.0]))
    of_nothing, of_long_passage = temperature.of(np.array([0.0, 40.0]))
    assert of_word == pytest.approx(5.5)
    assert of_word > of_verse > of_song
    assert (of_nothing, of_long_passage) == (of_word, of_song)


def test_one_common_word_does_not_decide(classifier: MoodClassifier) -> None:
    for word in ("비", "love", "사랑", "하늘"):
        assert max(classifier.classify(word).scores.values()) < 0.9


def test_weights_are_small() -> None:
    names = [WEIGHTS_NAME, VOCABULARY_NAME]
    assert sum((WEIGHTS / name).stat().st_size for name in names) <= 3_000_000
