"""The training script itself, on a tiny KoBART."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from scripts.training.finetuning.songs import SummarisedSong
from scripts.training.train_kobart import Writer, main, parser
from songdalle_core.pretrained import Source
from songdalle_core.summarization.kobart import KoBartOptions, KoBartSummarizer

PICTURES = ("파란 풍선", "노란 우산", "하얀 돛단배", "붉은 노을", "작은 등대", "낡은 기타")
SONG = SummarisedSong(("바다 위로 파란 풍선이", "너와 나의 여름", "비가 오는 밤"), "파란 풍선")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "songs.jsonl"
    rows = [
        {"lyric": f"{n}번째 여름밤\n{picture} 하나 보이네", "summary": picture}
        for n in range(5)
        for picture in PICTURES
    ]
    rows.append({"lyric": "요약이 없는 노래\n그래도 배운다"})
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(text + "\n", encoding="utf-8")
    return path


@pytest.mark.usefixtures("_offline")
def test_both_phases_are_trained_and_served(kobart: Path, data: Path, tmp_path: Path) -> None:
    run, model = tmp_path / "run", tmp_path / "model"
    arguments = ["--data", str(data), "--model", str(kobart), "--run", str(run)]
    arguments += ["--export", str(model), "--lr", "1e-2", "--epochs", "4", "--patience", "0"]
    arguments += ["--validation", "0.2", "--num-beams", "2", "--max-length", "16", "--threads", "1"]
    assert main(arguments) == 0
    figures = json.loads((run / "metrics.json").read_text())
    assert figures["denoise"]["songs"] + figures["denoise"]["validation_songs"] == 31
    assert figures["summarise"]["songs"] + figures["summarise"]["validation_songs"] == 30
    for phase in ("denoise", "summarise"):
        history = json.loads((run / phase / "history.json").read_text())
        assert history[-1]["loss"] < history[0]["loss"]
        assert (run / phase / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert 0 < figures["summarise"]["rouge_l"] <= figures["summarise"]["rouge_1"] <= 1
    options = KoBartOptions(max_length=16, num_beams=2)
    summary = KoBartSummarizer.load(Source(str(model)), options).summarize_many([SONG.lines])
    assert summary[0].text
    with pytest.raises(SystemExit, match="add --resume"):
        main(arguments)
    assert main([*arguments, "--resume"]) == 0
    assert json.loads((run / "metrics.json").read_text()) == figures


@pytest.fixture
def writer(kobart: Path, tmp_path: Path) -> Writer:
    return Writer(parser().parse_args(["--model", str(kobart), "--run", str(tmp_path)]))


def test_noise_is_given_by_the_step(writer: Writer) -> None:
    losses = [float(writer.denoising_loss([SONG], step)) for step in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]


def test_the_summarys_loss_is_transformers_own(writer: Writer, kobart: Path) -> None:
    other = SummarisedSong(("밤",), "밤과 낡은 기타")
    with torch.inference_mode():
        loss = float(writer.summary_loss([SONG, other], 0))
        total, count = 0.0, 0
        for song in (SONG, other):
            ids = torch.tensor([writer.summarizer.encode(". ".join(song.lines))])
            labels = torch.tensor([writer.summarizer.encode(song.summary or "")[1:]])
            alone = writer.model(input_ids=ids, labels=labels).loss
            total, count = total + float(alone) * labels.shape[1], count + labels.shape[1]
    assert loss == pytest.approx(total / count, rel=1e-4)


def test_wrong_input_says_what_to_change(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def complaint(*arguments: str) -> str:
        with pytest.raises(SystemExit) as stopped:
            main(["--run", str(tmp_path / "run"), *arguments])
        assert stopped.value.code == 2
        return capsys.readouterr().err

    assert "neither a folder nor" in complaint(
        "--data", str(data), "--model", str(tmp_path / "none")
    )
    (tmp_path / "bad.csv").write_text("text\n바다\n")
    assert "there must be a column 'lyric'" in complaint("--data", str(tmp_path / "bad.csv"))
