"""Training end to end on a part of the data, and the parts that decide what is published."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from scripts.training import train_sentiment
from scripts.training.sentiment import evaluation, linear
from scripts.training.sentiment.embeddings import Embeddings
from scripts.training.sentiment.english import inflections, with_english
from scripts.training.sentiment.passages import Passage, read_passages
from songdalle_core.artifacts import WEIGHTS, read_sums, sha256
from songdalle_core.moods import MOODS, Mood
from songdalle_core.sentiment import MoodClassifier
from songdalle_core.sentiment.features import extract_many

DATA = Path(train_sentiment.__file__).parents[1] / "data" / "mood_passages.jsonl"
SONGS_A_MOOD = 8


@pytest.fixture(scope="module")
def subset() -> list[Passage]:
    songs: dict[str, Mood] = {}
    for passage in read_passages(DATA):
        songs.setdefault(passage.song, passage.mood)
    chosen = {
        song
        for mood in MOODS
        for song in [s for s, of in songs.items() if of == mood][:SONGS_A_MOOD]
    }
    return [passage for passage in read_passages(DATA) if passage.song in chosen]


@pytest.fixture(scope="module")
def vectors() -> Embeddings:
    """Hand-made vectors: two directions of meaning."""
    words = ("눈물/NNG", "바다/NNG", "눈물/NNG", "울/VV", "사랑/NNG")
    table = np.array([[1, 0], [0, 1], [0, 1], [0.8, 0.6], [-1, 0]], dtype=np.float32)
    return Embeddings(words, table, np.array([100, 300, 9000, 200, 50]))


@pytest.fixture(scope="module")
def trained(subset: list[Passage], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    data = folder / "part.jsonl"
    lines = [json.dumps(vars(passage), ensure_ascii=False) for passage in subset]
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    arguments = ["--data", str(data), "--weights", str(folder), "--cache", str(folder / "cache")]
    arguments += ["--anchors", "6", "--folds", "3", "--repeats", "1", "--inverse-penalty", "10"]
    assert train_sentiment.main(arguments) == 0
    return folder


def test_a_trained_model_loads_and_knows_its_examples(trained: Path, subset: list[Passage]) -> None:
    classifier = MoodClassifier.load(trained)
    sentiments = classifier.classify_many([passage.text for passage in subset])
    right = [s.label == p.mood for s, p in zip(sentiments, subset, strict=True)]
    assert np.mean(right) >= 0.9


def test_the_report_says_what_was_run(trained: Path, subset: list[Passage]) -> None:
    report = json.loads((trained / "sentiment" / "metrics.json").read_text(encoding="utf-8"))
    assert report["command"].startswith("python scripts/training/train_sentiment.py --data")
    assert report["seed"] == 0
    assert report["passages"] == len(subset)
    assert set(report["f1"]) == set(MOODS)
    # Far above the 0.2 of guessing even on a tenth of the songs.
    assert 0.35 < report["macro_f1"] == max(report["candidates"].values())
    assert 0 <= report["ece"] <= 1
    assert np.sum(report["confusion_of_first_repeat"]) == len(subset)


def test_only_the_weights_are_listed(trained: Path) -> None:
    names = {"sentiment/classifier.safetensors", "sentiment/vocabulary.json"}
    assert set(read_sums(trained)) == names


def test_shipped_metrics_meet_the_bar() -> None:
    path = train_sentiment.WEIGHTS / train_sentiment.METRICS_NAME
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["data_sha256"] == train_sentiment.sha256(DATA), "train again: the data changed"
    assert report["macro_f1"] >= 0.80
    assert report["ece"] <= 0.08
    assert report["ece_of_single_lines"] <= 0.08


def test_folds_never_part_a_song(subset: list[Passage], vectors: Embeddings) -> None:
    passages, lines = evaluation.texts_of(subset)
    words = linear.WordView.of(vectors)
    times_held_out: Counter[int] = Counter()
    for split in evaluation.splits(passages, lines, words, ("morphemes",), folds=3, seed=1):
        train = {subset[i].song for i in split.train}
        held_out = {subset[i].song for i in split.held_out}
        assert not train & held_out
        assert set(lines.songs[split.held_out_lines]) == held_out
        times_held_out.update(split.held_out.tolist())
    assert times_held_out == Counter(range(len(subset)))


def test_fit_gives_each_view_its_own_coefficients() -> None:
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(5), 8)
    left = csr_matrix(random.normal(size=(40, 7)) + np.eye(5, 7)[labels] * 4)
    right = csr_matrix(random.normal(size=(40, 30)))
    model = linear.fit({"left": left, "right": right}, labels, inverse_penalty=1.0)
    assert {name: table.shape for name, table in model.coefficients.items()} == {
        "left": (7, 5),
        "right": (30, 5),
    }
    logits = model.logits({"left": left, "right": right})
    assert np.mean(logits.argmax(axis=1) == labels) > 0.9
    # The second view is noise: it answers worse than the logits without it.
    noise = np.asarray(right @ model.coefficients["right"])
    assert np.mean(noise.argmax(axis=1) == labels) < np.mean(
        (logits - noise).argmax(axis=1) == labels
    )


def test_a_mood_without_examples_is_refused() -> None:
    with pytest.raises(ValueError, match="every mood needs an example"):
        linear.fit({"one": csr_matrix(np.eye(3))}, np.array([0, 1, 2]), 1.0)


def test_tfidf_rows_have_unit_length_and_unknown_text_is_zero() -> None:
    known, unknown = extract_many(["바다와 바다 그리고 눈물", "xyz"])
    view = linear.TfidfView.fit("morphemes", [known])
    rows = view.matrix([known, unknown]).toarray()
    assert np.linalg.norm(rows[0]) == pytest.approx(1)
    assert not rows[1].any()


def test_word_view_takes_the_more_frequent_of_two_entries(vectors: Embeddings) -> None:
    text = extract_many(["눈물"])
    row = linear.WordView.of(vectors).matrix(text).toarray()[0]
    np.testing.assert_allclose(row, [linear.WORD_SCALE, 0], atol=1e-6)


def test_english_words_take_the_vectors_of_their_korean(
    vectors: Embeddings, tmp_path: Path
) -> None:
    lexicon = tmp_path / "lexicon.tsv"
    lexicon.write_text(
        "# comment\n눈물\tnoun\ttear\tyes\n울다\tverb\tcry\tyes\n사랑하다\tverb\tlove\tno\n"
        "바다\tnoun\tthe sea\tyes\n바다\tnoun\tdeep blue\tyes\n없는말\tnoun\tnothing\tno\n",
        encoding="utf-8",
    )
    merged = with_english(vectors, lexicon)
    assert merged.words[: len(vectors.words)] == vectors.words
    row = {word: vector for word, vector in zip(merged.words, merged.vectors, strict=True)}
    np.testing.assert_allclose(row["tears/SL"], [1, 0], atol=1e-6)
    np.testing.assert_allclose(row["crying/SL"], [0.8, 0.6], atol=1e-6)
    np.testing.assert_allclose(row["loved/SL"], [-1, 0], atol=1e-6)
    np.testing.assert_allclose(row["sea/SL"], [0, 1], atol=1e-6)
    assert "nothing/SL" not in row


@pytest.mark.parametrize(
    ("word", "pos", "forms"),
    [
        ("cry", "verb", ("cries", "cried", "crying")),
        ("play", "verb", ("plays", "played", "playing")),
        ("dance", "verb", ("dances", "danced", "dancing")),
        ("run", "verb", ("runs", "runned", "running")),
        ("kiss", "verb", ("kisses", "kissed", "kissing")),
        ("star", "noun", ("stars",)),
        ("soft", "adj", ()),
    ],
)
def test_inflections(word: str, pos: str, forms: tuple[str, ...]) -> None:
    assert inflections(word, pos) == forms


def overconfident(size: float, right: float) -> evaluation.HeldOut:
    """Logits for texts of one size that claim near certainty and are right so often."""
    random = np.random.default_rng(int(size))
    labels = random.integers(0, 5, 2000)
    wrong = (labels + random.integers(1, 5, 2000)) % 5
    claimed = np.where(random.random(2000) < right, labels, wrong)
    sizes = np.full(2000, size)
    return evaluation.HeldOut(np.eye(5)[claimed] * 12, labels, sizes, np.arange(2000) % 4)


def test_temperature_softens_overconfident_logits_and_short_texts_more() -> None:
    long, short = overconfident(30, right=0.9), overconfident(4, right=0.5)
    temperature = evaluation.fit_temperature([long, short])
    of_long, of_short = temperature.of(np.array([30.0, 4.0]))
    assert 2 < of_long < of_short
    for group, probabilities in zip(
        (long, short),
        evaluation.crossfitted_probabilities(evaluation.Repeat(long, short)),
        strict=True,
    ):
        raw = evaluation.softmax(group.logits, np.ones(2000))
        assert evaluation.calibration_error(raw, group.labels) > 0.08
        assert evaluation.calibration_error(probabilities, group.labels) < 0.03


def test_calibration_error_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0, 0], [0.9, 0.1, 0, 0, 0], [0.3, 0.7, 0, 0, 0]])
    # Bin 0.9: half right; bin 0.7: all right.
    expected = 2 / 3 * abs(0.5 - 0.9) + 1 / 3 * abs(1 - 0.7)
    labels = np.array([0, 1, 1])
    assert evaluation.calibration_error(probabilities, labels) == pytest.approx(expected)


def test_help_names_the_choices(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_status:
        train_sentiment.main(["--help"])
    assert exit_status.value.code == 0
    shown = capsys.readouterr().out
    assert all(option in shown for option in ("--data", "--weights", "--seed", "--folds"))


def test_the_page_tells_the_figures_of_the_shipped_weights() -> None:
    page = (train_sentiment.ROOT / "docs" / "sentiment.md").read_text(encoding="utf-8")
    metrics = json.loads((WEIGHTS / train_sentiment.METRICS_NAME).read_text(encoding="utf-8"))
    assert metrics["data_sha256"] == sha256(DATA)
    by_language = metrics["macro_f1_by_language"]
    shipped = {
        "all passages": metrics["macro_f1"],
        "Korean": by_language["ko"],
        "mixed": by_language["mixed"],
        "English": by_language["en"],
        "single lines": metrics["macro_f1_of_single_lines"],
    }
    for name, score in shipped.items():
        assert f"| {name} | {score:.3f} |\n" in page
    for mood, counts in zip(MOODS, metrics["confusion_of_first_repeat"], strict=True):
        assert f"| {mood} | {' | '.join(map(str, counts))} |\n" in page
