"""Refused prompts and withheld covers, over stages that answer at once."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from deployments.api.service import Service
from deployments.config.pictures import EngineSizes, FolderGenerator, OpenClipOptions, PolicyOptions
from deployments.contract.covers import CoverRequest
from deployments.contract.errors import Disallowed
from deployments.contract.messages import Delivery, DrawRequest
from deployments.pipeline.pipeline import Pipeline
from deployments.stages.generator import Generator
from deployments.stages.reranker import Reranker
from deployments.telemetry import metrics
from tests.deployments.conftest import Handle
from tests.deployments.streams import events
from tests.serve.tiny_models import write_clip, write_generator

Song = Callable[..., dict[str, Any]]
Records = list[tuple[str, str]]
STREAM = {"Accept": "text/event-stream"}
LOOKING = PolicyOptions(pictures=True, rounds=2)


@pytest.fixture
def pipeline(service: Service) -> Pipeline:
    """The one behind `client`."""
    return service.runner.pipeline


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Records:
    """Subjects that were counted, each with the counter's name."""
    records: Records = []

    def record(self: metrics.Metric, amount: float = 1.0, **tags: str) -> None:
        if "subject" in tags:
            records.append((self.name, tags["subject"]))

    monkeypatch.setattr(metrics.Counter, "add", record)
    return records


def withhold(pipeline: Pipeline, *verdicts: str | None) -> None:
    """Let the reranker say this of the next finished covers, and let all others pass."""
    left = list(verdicts)

    def verdict(pixels: np.ndarray) -> str | None:
        preview = np.ptp(pixels) == 0  # the fake generator's are of one colour
        return left.pop(0) if left and not preview else None

    pipeline.calls.stages.reranker.target.withhold = verdict


def drawn(pipeline: Pipeline) -> list[tuple[int, int]]:
    """First number and count of candidates of each drawing."""
    calls = pipeline.calls.stages.generator.target.calls
    return [(call[1].first, call[1].candidates) for call in calls if call[0] == "draw"]


def make(pipeline: Pipeline, song: dict[str, Any]) -> Any:
    return asyncio.run(pipeline.make(CoverRequest.model_validate(song)))


def test_withheld_covers_are_replaced_by_the_next_candidates(
    pipeline: Pipeline, song: Song, counted: Records
) -> None:
    withhold(pipeline, None, "gore", None, "nudity", None, "gore")
    made = make(pipeline, song(candidates=4, seed=100))
    assert drawn(pipeline) == [(0, 4), (4, 2), (6, 1)]
    assert len(made.covers) == 4
    assert (made.withheld, made.note) == (3, None)
    # the fake generator's last come first: 102 and 100 are withheld, then 104
    assert {cover.seed for cover in made.covers} == {103, 101, 105, 106}
    assert [cover.rank for cover in made.covers] == [1, 2, 3, 4]
    scores = [cover.score for cover in made.covers]
    assert scores == sorted(scores, reverse=True)
    assert sorted(counted) == [("withheld", "gore"), ("withheld", "gore"), ("withheld", "nudity")]


def test_rounds_are_bounded_and_fewer_covers_are_explained(
    client: TestClient, pipeline: Pipeline, song: Song
) -> None:
    withhold(pipeline, None, *["hateful_symbols"] * 99)
    made = client.post("/v1/covers", json=song(candidates=3)).json()
    assert drawn(pipeline) == [(0, 3), (3, 2), (5, 2)]
    assert len(made["covers"]) == 1
    assert made["withheld"] == 6
    assert made["note"] == "1 of 3 covers: the others were withheld by policy (hateful symbols)"
    assert client.get(f"/v1/covers/{made['id']}").json()["note"] == made["note"]
    for rank, status in ((1, 200), (2, 404)):
        assert client.get(f"/v1/covers/{made['id']}/images/{rank}.png").status_code == status


def test_no_rounds(pipeline: Pipeline, song: Song) -> None:
    pipeline.rules = PolicyOptions(pictures=True, rounds=0)
    withhold(pipeline, "gore")
    assert len(make(pipeline, song(candidates=3)).covers) == 2
    assert drawn(pipeline) == [(0, 3)]


@pytest.mark.parametrize(("changes", "field"), [({}, "lyrics"), ({"prompt": "the sea"}, "prompt")])
def test_nothing_to_show_is_an_error(
    client: TestClient, pipeline: Pipeline, song: Song, changes: dict[str, str], field: str
) -> None:
    withhold(pipeline, *["real_face"] * 99)
    response = client.post("/v1/covers", json=song(candidates=2, **changes))
    assert response.status_code == 422
    problem = response.json()
    assert problem["type"] == "urn:song-dalle:problem:disallowed"
    assert "all 6 covers drawn were withheld by policy (real face)" in problem["detail"]
    assert [error["field"] for error in problem["errors"]] == [field]


def test_a_set_without_withheld_covers_has_no_note(client: TestClient, song: Song) -> None:
    made = client.post("/v1/covers", json=song(candidates=2)).json()
    assert made["withheld"] == 0
    assert "note" not in made


def test_a_stream_never_shows_what_is_withheld(
    client: TestClient, pipeline: Pipeline, song: Song
) -> None:
    pipeline.rules = LOOKING
    withhold(pipeline, None, "gore", "nudity", None, "gore")
    answer = client.post("/v1/covers", json=song(candidates=3, seed=50), headers=STREAM)
    stream = list(events(answer.text.split("\n")))
    covers = [event.data for event in stream if event.name == "cover"]
    done = stream[-1].data
    assert stream[-1].name == "done"
    assert done["withheld"] == 3
    # a replacement goes by the number of the one it stands for
    assert sorted(cover["candidate"] for cover in covers) == [0, 1, 2]
    assert {cover["seed"] for cover in covers} == {cover["seed"] for cover in done["covers"]}


def test_previews_are_judged_where_covers_are(
    client: TestClient, pipeline: Pipeline, song: Song
) -> None:
    def previews() -> int:
        answer = client.post("/v1/covers", json=song(candidates=1), headers=STREAM)
        return sum(event.name == "preview" for event in events(answer.text.split("\n")))

    def dark(pixels: np.ndarray) -> str | None:
        return "gore" if np.ptp(pixels) == 0 and pixels.max() > 25 else None

    pipeline.calls.stages.reranker.target.withhold = dark
    everything = previews()
    pipeline.rules = LOOKING
    assert 0 < previews() < everything


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lyrics": "A severed head upon the shore"}, "lyrics"),
        ({"prompt": "a severed head upon the shore"}, "prompt"),
        ({"style": "gore painting"}, "style"),
    ],
)
def test_a_prompt_that_asks_for_it_is_refused_before_drawing(
    client: TestClient,
    pipeline: Pipeline,
    song: Song,
    counted: Records,
    changes: dict[str, str],
    field: str,
) -> None:
    response = client.post("/v1/covers", json=song(**changes))
    assert response.status_code == 422
    problem = response.json()
    assert problem["type"] == "urn:song-dalle:problem:disallowed"
    assert "asks for gore" in problem["detail"]
    ((named, message),) = [(error["field"], error["message"]) for error in problem["errors"]]
    assert named == field
    assert '"severed head"' in message or '"gore"' in message
    assert "severed" not in problem["detail"]
    assert drawn(pipeline) == []
    assert counted == [("prompts_refused", "gore")]


def test_a_stream_ends_with_the_refusal(client: TestClient, song: Song) -> None:
    answer = client.post("/v1/covers", json=song(prompt="a nude dancer"), headers=STREAM)
    last = list(events(answer.text.split("\n")))[-2]
    assert last.name == "failed"
    assert last.data["status"] == 422
    assert last.data["errors"][0]["field"] == "prompt"


def test_the_check_of_prompts_can_be_switched_off(pipeline: Pipeline, song: Song) -> None:
    pipeline.rules = PolicyOptions(prompts=False)
    assert make(pipeline, song(prompt="a nude dancer", candidates=1)).prompt == "a nude dancer"


def test_a_refusal_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(Disallowed("no", "style", "no gore")))
    assert (str(error), error.field, error.to_client) == ("no", "style", "no gore")


def test_real_pictures_are_judged_and_replaced(
    pipeline: Pipeline, song: Song, tmp_path: Path
) -> None:
    """The deployments' own classes over small random models: whatever is above the threshold stays away."""
    folders = write_generator(tmp_path / "generator"), write_clip(tmp_path / "clip")
    sizes = EngineSizes(slots=4, width=4, max_waiting=48, decode_width=2)
    generator: Any = Generator.func_or_class(
        FolderGenerator(folder=folders[0], threads=1, engine=sizes), "cpu"
    )
    reranker: Any = Reranker.func_or_class(
        OpenClipOptions(model=f"local-dir:{folders[1]}"), "cpu", LOOKING
    )
    for deployment in (generator, reranker):
        deployment.calls, deployment.failures = [], []
    stages = pipeline.calls.stages
    pipeline.calls.stages = replace(stages, generator=Handle(generator), reranker=Handle(reranker))
    pipeline.rules = LOOKING
    prompt = "the sea at night"

    async def draw(count: int) -> list[Any]:
        asked = DrawRequest(prompt, count, 5, delivery=Delivery(judged_side=reranker._side))
        covers = [cover async for covers in generator.draw(asked) for cover in covers]
        return sorted(covers, key=lambda cover: cover.candidate)

    drawn = asyncio.run(draw(12))
    images = np.stack([cover.judged for cover in drawn])
    logits = reranker._model.compare(prompt, images, reranker._panel)[1]
    probabilities = reranker._check.probabilities(logits)[:, reranker._check.subjects.index("gore")]
    limit = float(np.median(probabilities))
    nothing = {"nudity": None, "hateful_symbols": None, "real_face": None}
    asyncio.run(reranker.reconfigure({"thresholds": {**nothing, "gore": limit}}))
    expected, first, missing = set(), 0, 4
    for _ in range(LOOKING.rounds + 1):
        numbers = range(first, first + missing)
        expected |= {drawn[number].seed for number in numbers if probabilities[number] < limit}
        first, missing = first + missing, 4 - len(expected)
    made = make(pipeline, song(prompt=prompt, candidates=4, seed=5))
    assert {cover.seed for cover in made.covers} == expected
    assert made.withheld == first - len(expected) > 0
    generator.stop()
