"""The training script itself, on a tiny KoBERT without a head."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from scripts.training.train_kobert_sentiment import main
from songdalle_core.moods import MOODS
from songdalle_core.pretrained import Source
from songdalle_core.sentiment.kobert import load_kobert

WORDS = {
    "Sadness": "눈물만 흘러",
    "Power": "승리의 깃발",
    "Tension": "쫓기는 그림자",
    "Joyful": "춤추는 여름",
    "Calmness": "고요한 호수",
}
PLACES = ("바다", "골목", "기차", "창가", "언덕", "시장", "부엌", "다리", "섬", "옥상")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "moods.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["lyric", "mood"])
        rows.writerows(
            [f"{place}에서\n{text}", mood] for place in PLACES for mood, text in WORDS.items()
        )
    return path


@pytest.mark.usefixtures("_offline")
def test_a_head_is_trained_and_served(kobert_base: Path, data: Path, tmp_path: Path) -> None:
    run, model = tmp_path / "run", tmp_path / "model"
    arguments = ["--data", str(data), "--model", str(kobert_base), "--run", str(run)]
    arguments += ["--export", str(model), "--lr", "5e-3", "--epochs", "12", "--patience", "0"]
    arguments += ["--validation", "0.2", "--dropout", "0.2", "--threads", "1"]
    assert main(arguments) == 0
    figures = json.loads((run / "metrics.json").read_text())
    assert figures["macro_f1"] > 0.8
    assert figures["passages"] + figures["validation_passages"] == 50
    assert sum(map(sum, figures["confusions"])) == figures["validation_passages"]
    history = json.loads((run / "history.json").read_text())
    assert history[-1]["loss"] < history[0]["loss"] / 2
    for name in ("curves.png", "confusions.png"):
        assert (run / name).read_bytes().startswith(b"\x89PNG")
    config = json.loads((model / "config.json").read_text())
    assert config["classifier_dropout"] == 0.2
    assert tuple(config["id2label"].values()) == MOODS
    classifier = load_kobert(Source(str(model)))
    right = [classifier.classify(f"들판에서. {text}").label == mood for mood, text in WORDS.items()]
    assert sum(right) >= 4
    with pytest.raises(SystemExit, match="add --resume"):
        main(arguments)
    assert main([*arguments, "--resume"]) == 0
    assert json.loads((run / "metrics.json").read_text()) == figures


def test_wrong_input_says_what_to_change(
    tmp_path: Path, marian: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def complaint(*arguments: str) -> str:
        with pytest.raises(SystemExit) as stopped:
            main(["--run", str(tmp_path / "run"), *arguments])
        assert stopped.value.code == 2
        return capsys.readouterr().err

    assert "has no spiece.model" in complaint("--data", str(data), "--model", str(marian))
    assert "No such file" in complaint("--data", str(tmp_path / "nothing.csv"))
    assert "between 0 and 1" in complaint("--validation", "1.5")
    (tmp_path / "one.csv").write_text("lyric,mood\n바다,Joyful\n")
    assert "cannot be parted" in complaint("--data", str(tmp_path / "one.csv"))


def test_the_originals_setting_is_the_default() -> None:
    from scripts.training.train_kobert_sentiment import parser

    args = parser().parse_args(["--run", "x"])
    assert (args.batch, args.warmup_ratio, args.max_grad_norm) == (8, 0.1, 1.0)
    assert (args.lr, args.log_interval, args.max_length) == (5e-5, 200, 512)
    assert args.model == "skt/kobert-base-v1"
