"""Open models through the whole service: tiny pipelines of diffusers behind the real graph and HTTP."""

from __future__ import annotations

import copy
import io
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from PIL import Image

from tests.deployments.streams import events
from tests.imagegen.denoisers.tiny_pipelines import FAMILIES, write_pipeline
from tests.serve.gpu_service import ROOT, Service, running
from tests.serve.test_gpu import assert_placed_as_planned
from tests.serve.tiny_models import write_clip

LYRICS = "풍선을 타고 날아가는 예쁜 꿈\n바다 위로 해가 뜨네"
STEPS = 12
SIDE = 64  # pixels, the least that the notice has room in
FIRST, SECOND = "stable_diffusion", "z_image"


@pytest.fixture(scope="module")
def pipelines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pipelines, a folder each."""
    return tmp_path_factory.mktemp("pipelines")


def chosen(folder: Path, family: str) -> dict[str, Any]:
    """Options of a generator that draws with a family's tiny pipeline."""
    model = folder / family
    if not model.is_dir():
        write_pipeline(family, model)
    return {
        "backend": "diffusers",
        "model": str(model),
        "steps": STEPS,
        "width": SIDE,
        "height": SIDE,
        "threads": 1,
        "engine": {"slots": 8, "width": 4, "max_waiting": 48, "decode_width": 2},
    }


@pytest.fixture(scope="module")
def service(pipelines: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The laptop's configuration, with tiny models."""
    document = yaml.safe_load((ROOT / "deploy/serve_config.laptop.yaml").read_text("utf-8"))
    args = document["applications"][0]["args"]
    clip = write_clip(tmp_path_factory.mktemp("clip") / "clip")
    args["generator"] = chosen(pipelines, FIRST)
    args["reranker"] = {"backend": "open_clip", "model": f"local-dir:{clip}"}
    folder = Path("/tmp") / f"so-{os.getpid()}"  # short enough for Ray's sockets
    folder.mkdir()
    try:
        yield from running(document, folder, gpus=0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def client(service: Service) -> Iterator[httpx2.Client]:
    """A client of the service."""
    with httpx2.Client(base_url=service.url, timeout=120, trust_env=False) as client:
        yield client


def switch(service: Service, generator: dict[str, Any]) -> None:
    """Deploy another generator, and wait until it draws."""
    changed = copy.deepcopy(service.document)
    changed["applications"][0]["args"]["generator"] = generator
    service.deploy(changed)
    end = time.monotonic() + 240
    with httpx2.Client(base_url=service.url, timeout=60, trust_env=False) as client:
        while True:
            models = client.get("/v1/models")
            if models.status_code == 200 and Path(generator["model"]).name in models.text:
                return
            assert time.monotonic() < end, models.text
            time.sleep(0.5)


def ask(**fields: Any) -> dict[str, Any]:
    return {"lyrics": LYRICS, "candidates": 4, "seed": 7, **fields}


def assert_draws(client: httpx2.Client, family: str) -> None:
    """A stream with previews, ranked covers, and the same bytes again."""
    with client.stream(
        "POST", "/v1/covers", json=ask(), headers={"Accept": "text/event-stream"}
    ) as response:
        assert response.status_code == 200
        told = list(events(response.iter_lines()))
    names = [event.name for event in told]
    assert names.count("cover") == 4
    assert names.count("preview") > 0
    assert names.index("preview") < names.index("cover")
    fractions = [event.data["fraction"] for event in told if event.name == "preview"]
    assert min(fractions) == pytest.approx(2 / STEPS, abs=0.01)
    made = told[-1].data
    assert made["models"]["generator"] == family
    scores = [cover["score"] for cover in made["covers"]]
    assert scores == sorted(scores, reverse=True)
    again = client.post("/v1/covers", json=ask()).raise_for_status().json()
    for one, other in zip(made["covers"], again["covers"], strict=True):
        pictures = [client.get(cover["url"]).raise_for_status().content for cover in (one, other)]
        assert pictures[0] == pictures[1]
        assert Image.open(io.BytesIO(pictures[0])).size == (SIDE, SIDE)


def assert_leaves_nothing(client: httpx2.Client) -> None:
    """Who cancels while drawing frees the slots."""
    job = client.post(
        "/v1/covers", json=ask(candidates=24), headers={"Prefer": "respond-async"}
    ).raise_for_status()
    assert job.status_code == 202
    client.delete(f"/v1/covers/{job.json()['id']}").raise_for_status()
    answer = client.post("/v1/covers", json=ask(candidates=2)).raise_for_status()
    assert len(answer.json()["covers"]) == 2


def test_a_family_draws_streams_cancels_and_ranks(client: httpx2.Client) -> None:
    assert_draws(client, FIRST)
    assert_leaves_nothing(client)


def test_what_the_model_has_no_choice_of_is_refused(client: httpx2.Client) -> None:
    answer = client.post("/v1/covers", json=ask(temperature=0.5))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"].endswith("unsupported")
    assert [error["field"] for error in problem["errors"]] == ["temperature"]
    assert "leave it out" in problem["detail"]


def test_another_family_takes_its_place(service: Service, pipelines: Path) -> None:
    switch(service, chosen(pipelines, SECOND))
    with httpx2.Client(base_url=service.url, timeout=120, trust_env=False) as client:
        assert_draws(client, SECOND)
        assert_leaves_nothing(client)


@pytest.mark.long
@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {FIRST, SECOND}))
def test_every_family_draws(service: Service, pipelines: Path, family: str) -> None:
    switch(service, chosen(pipelines, family))
    with httpx2.Client(base_url=service.url, timeout=120, trust_env=False) as client:
        assert_draws(client, family)
        assert_leaves_nothing(client)


@pytest.mark.long
@pytest.mark.parametrize(
    ("config", "family"), [("open.gpu", "flux2_klein"), ("open.80gb", "qwen_image")]
)
def test_a_gpu_configuration_is_placed_and_draws(
    config: str, family: str, pipelines: Path, kobart: Path, marian: Path, tmp_path: Path
) -> None:
    """Its fractions and options, with tiny models, on a GPU that only Ray believes in."""
    document = yaml.safe_load((ROOT / f"deploy/serve_config.{config}.yaml").read_text("utf-8"))
    args = document["applications"][0]["args"]
    args["device"] = "auto"
    if args["summarizer"]["backend"] == "kobart":
        args["summarizer"]["model"] = str(kobart)
    args["translator"] |= {"model": str(marian), "dtype": "float32"}
    args["reranker"] = {
        "backend": "open_clip",
        "model": f"local-dir:{write_clip(tmp_path / 'clip')}",
    }
    model = chosen(pipelines, family)["model"]
    args["generator"] |= {"model": model, "width": SIDE, "height": SIDE, "steps": STEPS}
    folder = Path("/tmp") / f"sp-{os.getpid()}"
    folder.mkdir()
    try:
        for service in running(document, folder, gpus=1):
            assert_placed_as_planned(service, gpus=1)
            with httpx2.Client(base_url=service.url, timeout=120, trust_env=False) as client:
                assert_draws(client, family)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
