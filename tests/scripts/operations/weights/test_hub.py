from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from huggingface_hub import constants

from scripts.operations.weights.catalogue import HubProfile
from scripts.operations.weights.hub import download_model
from scripts.operations.weights.transfer import DamagedFileError, DownloadError
from tests.scripts.operations.weights.file_server import FileServer, Manner
from tests.scripts.operations.weights.hub_server import COMMIT, publish

ROOT = Path(__file__).resolve().parents[4]
NAME = "someone/toy-model"
WEIGHTS = random.Random(7).randbytes(100_000)
FILES = {
    "config.json": b'{"model_type": "toy"}',
    "vocab.txt": b"a\nb\n",
    "model.safetensors": WEIGHTS,
    "pytorch_model.bin": b"older",
    "tf_model.h5": b"not ours",
}
TOY = HubProfile("toy", "a toy", "MIT", True, NAME, "100 kB")


Order = Callable[[], Path]


@pytest.fixture
def order(server: FileServer, tmp_path: Path) -> Order:
    """How to have a model that the server publishes brought into a cache."""
    publish(server, NAME, FILES)
    return partial(download_model, TOY, tmp_path / "hub", server.url, timeout=10)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fetched(server: FileServer, file: str) -> int:
    return sum(r.method == "GET" and r.path.endswith(file) for r in server.requests)


def test_fetches_what_the_model_needs_and_no_more(order: Order) -> None:
    folder = order()
    assert names(folder) == ["config.json", "model.safetensors", "vocab.txt"]
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert folder.name == COMMIT


def test_takes_the_older_format_where_there_is_no_other(server: FileServer, order: Order) -> None:
    publish(server, NAME, {name: FILES[name] for name in ("config.json", "pytorch_model.bin")})
    assert names(order()) == ["config.json", "pytorch_model.bin"]


def test_a_repository_without_weights_is_an_error(server: FileServer, order: Order) -> None:
    publish(server, NAME, {"config.json": b"{}"})
    with pytest.raises(DownloadError, match=r"neither model\.safetensors nor pytorch_model\.bin"):
        order()


def test_a_second_run_fetches_no_file(server: FileServer, order: Order) -> None:
    order()
    order()
    assert fetched(server, "model.safetensors") == 1


@pytest.mark.parametrize("file", ["model.safetensors", "config.json"])
def test_damage_on_the_way_is_noticed_and_fetched_afresh(
    server: FileServer, order: Order, file: str
) -> None:
    path = f"/{NAME}/resolve/{COMMIT}/{file}"
    right = server.files[path]
    server.files[path] = right[:-1] + bytes([right[-1] ^ 1])
    with pytest.raises(DamagedFileError, match=f"{file} came damaged twice"):
        order()
    assert fetched(server, file) == 2
    server.files[path] = right
    assert (order() / file).read_bytes() == FILES[file]


def test_a_cut_connection_is_survived(server: FileServer, order: Order) -> None:
    path = f"/{NAME}/resolve/{COMMIT}/model.safetensors"
    server.path_manners[path] = [Manner(), Manner(cut=60_000)]  # HEAD, then GET
    assert (order() / "model.safetensors").read_bytes() == WEIGHTS
    assert fetched(server, "model.safetensors") == 2


@pytest.mark.parametrize("question", ["revision/main", f"tree/{COMMIT}"])
def test_a_question_dropped_without_an_answer_is_asked_again(
    server: FileServer, order: Order, question: str
) -> None:
    server.path_manners[f"/api/models/{NAME}/{question}"] = [Manner(hang_up=True)]
    assert names(order()) == ["config.json", "model.safetensors", "vocab.txt"]


def test_a_hub_that_always_hangs_up_is_an_error(server: FileServer, order: Order) -> None:
    server.manner = Manner(hang_up=True)
    with pytest.raises(DownloadError, match="disconnected"):
        order()


def test_sends_no_token_to_a_mirror(
    server: FileServer, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    order()
    assert server.requests
    assert not any("authorization" in request.headers for request in server.requests)


def test_an_unknown_model_is_one_clear_line(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=NAME) as failed:
        download_model(TOY, tmp_path, server.url, timeout=10)
    assert "\n" not in str(failed.value)


def test_offline_uses_what_is_there_and_asks_for_nothing(
    server: FileServer, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError, match="HF_HUB_OFFLINE"):
        order()
    assert server.requests == []
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    folder = order()
    before = len(server.requests)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert order() == folder
    assert len(server.requests) == before


def test_the_command_respects_hf_endpoint(server: FileServer, tmp_path: Path) -> None:
    publish(server, "skt/kobert-base-v1", FILES)
    command = [sys.executable, "scripts/operations/download_weights.py", "kobert"]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "HF_ENDPOINT": server.url, "HF_HUB_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    folder = Path(ended.stdout.strip().rpartition("kobert is ready: ")[2])
    assert folder.is_relative_to(tmp_path)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
