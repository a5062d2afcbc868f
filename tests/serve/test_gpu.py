"""The configurations for one GPU and for two, served on GPUs that only Ray believes in."""

from __future__ import annotations

import copy
import io
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from PIL import Image

from tests.imagegen.model.test_checkpoints import write_checkpoint
from tests.serve.gpu_service import ROOT, Crowd, Service, launch, running, with_small_models
from tests.serve.tiny_models import write_clip
from tests.translation.papago_server import KEY, KEY_ID, Papago, own_error
from tests.translation.papago_server import serve as serve_papago

ONE, TWO = ROOT / "deploy/serve_config.gpu.yaml", ROOT / "deploy/serve_config.2gpu.yaml"
pytestmark = pytest.mark.long
LYRICS = "풍선을 타고 날아가는 예쁜 꿈\n너 없는 밤 눈물만 흘러\n바다 위로 해가 뜨네"
RESTART_SECONDS = 400.0  # three replicas of a deployment drain and start one after the other


@pytest.fixture(scope="module")
def models(
    tmp_path_factory: pytest.TempPathFactory, kobart: Path, kobert: Path, marian: Path
) -> dict[str, Path]:
    """Small models in the published formats."""
    folder = tmp_path_factory.mktemp("gpu")
    return {
        "summarizer": kobart,
        "translator": marian,
        "sentiment": kobert,
        "generator": write_checkpoint("cc3m", folder / "rq-3.9b"),
        "reranker": write_clip(folder / "clip"),
    }


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path is short enough for Ray's sockets."""
    folder = Path("/tmp") / f"sg-{os.getpid()}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def fractions(document: dict[str, Any]) -> dict[str, tuple[int, float]]:
    """Replicas and fraction of each deployment that asks for a GPU."""
    return {
        d["name"]: (d["num_replicas"], d["ray_actor_options"]["num_gpus"])
        for d in document["applications"][0]["deployments"]
        if d["ray_actor_options"]["num_gpus"]
    }


def assert_placed_as_planned(service: Service, gpus: int) -> None:
    """Every replica has its fraction, no GPU has more than one whole, and generators do not share one."""
    assigned = service.assigned()
    wanted = fractions(service.document)
    assert set(assigned) == set(wanted)
    filled: Counter[str] = Counter()
    for name, (replicas, fraction) in wanted.items():
        assert sum(assigned[name].values()) == replicas
        for (given, gpu), count in assigned[name].items():
            assert given == fraction
            filled[gpu] += round(10_000 * given * count)
    assert set(filled) <= {str(gpu) for gpu in range(gpus)}
    assert max(filled.values()) <= 10_000
    assert len(assigned["Generator"]) == wanted["Generator"][0]


def assert_covers(service: Service, **names: str) -> dict[str, Any]:
    """A song gets its covers over HTTP, from the models that were configured."""
    with httpx2.Client(base_url=service.url, timeout=120, trust_env=False) as client:
        answer = client.post("/v1/covers", json={"lyrics": LYRICS, "candidates": 3, "seed": 7})
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        assert [cover["rank"] for cover in made["covers"]] == [1, 2, 3]
        picture = client.get(made["covers"][0]["url"]).raise_for_status().content
    assert Image.open(io.BytesIO(picture)).size == (64, 64)
    assert made["summary"]
    assert made["translation"]
    expected = {"summarizer": "kobart", "sentiment": "kobert", "generator": "rq-3.9b"}
    assert made["models"].items() >= {**expected, "reranker": "clip", **names}.items()
    return made


def restart(service: Service, watch: Callable[[dict[str, dict[str, str]]], None]) -> None:
    """Change `args`, which replaces every replica, and wait until that is done."""
    before = {replica for replicas in service.replicas().values() for replica in replicas}
    changed = copy.deepcopy(service.document)
    changed["applications"][0]["args"]["upscale"] = 3
    service.deploy(changed)
    end = time.monotonic() + RESTART_SECONDS
    while True:
        now = service.replicas()
        ids = {replica for replicas in now.values() for replica in replicas}
        if ids:  # Ray tells of none while it builds the changed application
            watch(now)
            if service.application()["status"] == "RUNNING" and not ids & before:
                return
        assert time.monotonic() < end, now
        time.sleep(0.3)


def assert_nothing_lost_in_a_restart(service: Service) -> None:
    """Clients that ask all the while get all their covers, and what may surge never goes missing."""
    surging = [
        d["name"]
        for d in service.document["applications"][0]["deployments"]
        if d["max_surge_percent"]
    ]

    def watch(replicas: dict[str, dict[str, str]]) -> None:
        for name in surging:
            assert "RUNNING" in replicas[name].values(), (name, replicas[name])

    with Crowd(service.url, clients=3) as crowd:
        crowd.wait_for(3)
        restart(service, watch)
        crowd.wait_for(3)
    assert not [answer for answer in crowd.answers if answer[0] != 200]


def test_one_gpu(models: dict[str, Path], short: Path) -> None:
    for service in running(with_small_models(ONE, models), short, gpus=1):
        assert_placed_as_planned(service, gpus=1)
        assert_covers(service, translator="marian")
        assert_nothing_lost_in_a_restart(service)


def test_two_gpus_with_mindalle_and_papago(models: dict[str, Path], short: Path) -> None:
    """The same on two, with Papago before Marian: when it fails, the answer says what stood in."""
    mindalle = write_checkpoint("mindalle", short / "mindalle")
    document = with_small_models(TWO, {**models, "generator": mindalle})
    args = document["applications"][0]["args"]
    papago = Papago()
    keys = {"NCP_APIGW_API_KEY_ID": KEY_ID, "NCP_APIGW_API_KEY": KEY}
    with serve_papago(papago) as url:
        args["translator"] = {"backend": "papago", "url": url, "fallback": args["translator"]}
        for service in running(document, short, gpus=2, **keys):
            assert_placed_as_planned(service, gpus=2)
            made = assert_covers(service, translator="papago", generator="mindalle")
            assert made["translation"].endswith("words.")
            assert made["words"]["fallback"] is None
            papago.script = [own_error(400, "N2MT06", "Unsupported translation")]
            made = assert_covers(service, translator="papago", generator="mindalle")
            assert made["words"]["fallback"] == "marian"
            assert_nothing_lost_in_a_restart(service)


def test_no_gpu_is_told(models: dict[str, Path], short: Path) -> None:
    """Ray itself would wait for a GPU for ever."""
    document = with_small_models(ONE, models)
    document["applications"][0]["args"]["place_timeout_s"] = 8
    config = short / "config.yaml"
    config.write_text(yaml.safe_dump(document))
    child, _ = launch(config, short, gpus=0, RAY_SERVE_SLOW_STARTUP_WARNING_S="5")
    try:
        output, _ = child.communicate(timeout=240)
    except subprocess.TimeoutExpired:
        child.terminate()
        raise
    assert child.returncode == 1, output
    assert "found no place within 8 s: a replica needs" in output
    assert "the cluster has 8 CPU" in output
    assert "and 0 GPU (0 free)" in output
