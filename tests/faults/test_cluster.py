"""Promises hold across nodes: three of them, two ingresses behind two proxies, PostgreSQL and a bucket."""

from __future__ import annotations

import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest
import yaml

from tests.deployments.buckets import KEYS, new_bucket, s3_server
from tests.deployments.databases import postgresql, programs
from tests.deployments.streams import ServerSentEvent, events
from tests.faults import three_nodes
from tests.faults.conftest import Report
from tests.faults.load import LATER, Load, Row, assert_nothing_lost_or_done_twice
from tests.faults.service import small_document, tuned
from tests.faults.test_nodes import Nodes, cluster
from tests.serve.conftest import free_port

pytestmark = pytest.mark.long

STREAM = {"Accept": "text/event-stream"}
FINAL = ("done", "failed", "cancelled")
QUOTA = 600
CLIENTS = 16
HEALTHY_SECONDS = 15.0
SETTINGS = {
    "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "deployments.api.proxy:middlewares",
    "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "2",
}


@dataclass
class ThreeNodes:
    """The cluster and its two doors: proxies of the head and of the second node."""

    nodes: Nodes
    database: str
    url: str
    second_url: str

    def jobs(self) -> list[Row]:
        """Idempotency key, id and status of every job."""
        with psycopg.connect(self.database) as connection:
            query = "select idempotency_key, id, status from jobs where idempotency_key is not null"
            return connection.execute(query).fetchall()

    def ingress_of(self, id: str) -> str | None:
        """The process that works on a job."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute("select worker from jobs where id = %s", (id,)).fetchone()
            return row[0] if row else None


SHORT = ["preprocess", "summarizer", "translator", "sentiment", "reranker"]


def document(models: dict[str, Path], database: str, bucket: str, s3: str) -> dict[str, Any]:
    """Two replicas of what draws, on nodes of its own each; one of the short stages, together."""
    document = small_document(models)
    document["http_options"]["port"] = free_port()
    application = document["applications"][0]
    application["import_path"] = "deployments.app:build"
    args = application["args"]
    args["colocate"] = {"Stages": SHORT}
    args["history"]["url"] = database
    args["images"] = {"url": f"s3://{bucket}/covers", "endpoint_url": s3}
    ingress = tuned(document, "Ingress")
    access = {"draws_per_minute": QUOTA, "shared": True, "proxies": ["127.0.0.1/32"]}
    ingress["user_config"]["access"] |= access
    ingress["user_config"]["jobs"] |= {"grace_s": 30, "lease_s": 4, "waiting": 100, "wait_s": 600}
    pictures = tuned(document, "Pictures")
    generator = {
        **pictures,
        "name": "Generator",
        "user_config": pictures["user_config"]["generator"],
    }
    entries = [ingress, generator]
    for deployment in entries:
        deployment |= {"num_replicas": 2, "max_replicas_per_node": 1}
        deployment["ray_actor_options"]["resources"] = {"draws": 1}
        deployment["health_check_period_s"] = 2
    stages = {"name": "Stages", "max_ongoing_requests": 128, "max_queued_requests": 400}
    options = {"num_cpus": 0.5, "num_gpus": 0, "resources": {"reads": 1}}
    application["deployments"] = [*entries, {**stages, "ray_actor_options": options}]
    return document


@pytest.fixture(scope="module")
def three(small_models: dict[str, Path]) -> Iterator[ThreeNodes]:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="s3", dir="/tmp"))
    second = str(free_port())
    try:
        with postgresql() as database, s3_server() as s3:
            config = folder / "config.yaml"
            wanted = document(small_models, database, new_bucket(s3), s3)
            config.write_text(yaml.safe_dump(wanted))
            head = f"http://127.0.0.1:{wanted['http_options']['port']}"
            arguments = (three_nodes.__file__, str(config), second)
            with cluster(folder, *arguments, **SETTINGS, **KEYS) as nodes:
                yield ThreeNodes(nodes, database, head, f"http://127.0.0.1:{second}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def doors(three: ThreeNodes) -> Iterator[tuple[httpx2.Client, httpx2.Client]]:
    """Clients of the head's proxy and of the second node's."""
    options: dict[str, Any] = {"timeout": 60, "trust_env": False}
    with (
        httpx2.Client(base_url=three.url, **options) as one,
        httpx2.Client(base_url=three.second_url, **options) as two,
    ):
        yield one, two


Doors = tuple[httpx2.Client, httpx2.Client]


def song(**changes: Any) -> dict[str, Any]:
    return {"lyrics": f"풍선을 타고 날아가는 꿈 {uuid.uuid4().hex[:6]}", "candidates": 2} | changes


def later(client: httpx2.Client, **headers: str) -> str:
    answer = client.post("/v1/covers", json=song(), headers={**LATER, **headers})
    assert answer.status_code in (200, 202), answer.text
    id: str = answer.json()["id"]
    return id


def final(client: httpx2.Client, id: str) -> dict[str, Any]:
    end = time.monotonic() + 60
    while (state := client.get(f"/v1/covers/{id}").json())["status"] not in FINAL:
        assert time.monotonic() < end, state
        time.sleep(0.05)
    return state


def heard(client: httpx2.Client, id: str, after: int | None = None) -> list[ServerSentEvent]:
    headers = STREAM if after is None else {**STREAM, "Last-Event-ID": str(after)}
    with client.stream("GET", f"/v1/covers/{id}/events", headers=headers) as answer:
        return list(events(answer.iter_lines()))


def crowd(client: httpx2.Client, count: int = 6) -> list[str]:
    """Jobs in front of others, so that there is time."""
    ids = []
    for _ in range(count):
        answer = client.post("/v1/covers", json=song(candidates=24), headers=LATER)
        ids.append(answer.raise_for_status().json()["id"])
    return ids


def test_each_door_has_an_ingress_of_its_own(three: ThreeNodes, doors: Doors) -> None:
    """While nobody waits, a job is begun by the ingress that it was asked of."""
    ingresses: list[set[str | None]] = [set(), set()]
    for _ in range(4):
        for door, found in zip(doors, ingresses, strict=True):
            (id,) = crowd(door, 1)
            found.add(three.ingress_of(id))
            final(door, id)
    one, two = (found - {None} for found in ingresses)
    assert one
    assert two
    assert not one & two


def test_a_job_is_followed_listed_and_shown_at_the_other(doors: Doors) -> None:
    one, two = doors
    crowd(one)
    id = later(one)
    followed = heard(two, id)
    assert followed[-1].name == "done"
    numbers = [event.number for event in followed]
    assert numbers == sorted(set(numbers))
    state = two.get(f"/v1/covers/{id}").json()
    assert state == one.get(f"/v1/covers/{id}").json()
    for cover in state["covers"]:
        pngs = [door.get(cover["url"]) for door in doors]
        assert [png.status_code for png in pngs] == [200, 200]
        assert pngs[0].content == pngs[1].content
    newest = [door.get("/v1/covers", params={"limit": 5}).json() for door in doors]
    assert newest[0] == newest[1]
    assert id in [each["id"] for each in newest[0]["covers"]]


def test_a_stream_is_resumed_at_the_other(doors: Doors) -> None:
    one, two = doors
    crowd(one)
    seen: list[ServerSentEvent] = []
    headers = {**STREAM}
    with one.stream("POST", "/v1/covers", json=song(candidates=24), headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        for event in events(answer.iter_lines()):
            seen.append(event)
            if len(seen) == 3:
                break
    id = seen[0].data["id"]
    rest = heard(two, id, seen[-1].number)
    numbers = [event.number for event in (*seen, *rest)]
    assert numbers == sorted(set(numbers))
    assert rest[-1].name == "done"
    # one who listens from the beginning hears the same
    whole = [event for event in heard(two, id) if event.name != "queued"]
    assert whole == [event for event in (*seen, *rest) if event.name != "queued"]


def test_a_job_is_cancelled_at_the_other(doors: Doors) -> None:
    one, two = doors
    ids = crowd(one)
    for id in ids:
        assert two.delete(f"/v1/covers/{id}?unfinished=true").status_code == 204
    states = [final(one, id)["status"] for id in ids]
    assert "cancelled" in states
    assert states == [final(two, id)["status"] for id in ids]


def test_an_idempotency_key_holds_at_both(three: ThreeNodes, doors: Doors) -> None:
    one, two = doors
    order, headers = song(), {"Idempotency-Key": uuid.uuid4().hex}
    made = [door.post("/v1/covers", json=order, headers=headers).json() for door in (one, two, one)]
    assert made[0]["id"] == made[1]["id"] == made[2]["id"]
    assert made[0]["covers"] == made[1]["covers"]
    other = two.post("/v1/covers", json=song(), headers=headers)
    assert other.status_code == 422


def test_a_limit_holds_across_both(doors: Doors) -> None:
    """Refused as invalid, requests for covers are counted as well."""
    headers = {"X-Forwarded-For": "203.0.113.7"}
    began, answers = time.monotonic(), []
    while time.monotonic() - began < 120:
        pair = [door.post("/v1/covers", json={}, headers=headers).status_code for door in doors]
        answers += pair
        if pair == [429, 429]:
            break
    refilled = (time.monotonic() - began) * QUOTA / 60
    assert answers[-2:] == [429, 429]
    assert set(answers) == {422, 429}
    assert QUOTA <= answers.count(422) <= QUOTA + refilled + 1
    assert doors[1].post("/v1/covers", json={}).status_code == 422  # another client


def test_openais_addresses_work_at_either(doors: Doors) -> None:
    body = {"prompt": "a yellow balloon", "n": 2, "response_format": "url"}
    answer = doors[0].post("/v1/images/generations", json=body)
    assert answer.status_code == 200, answer.text
    for entry in answer.json()["data"]:
        path = urlsplit(entry["url"]).path
        assert [door.get(path).status_code for door in doors] == [200, 200]


def test_a_killed_node_loses_nothing_while_sixteen_draw(three: ThreeNodes, report: Report) -> None:
    """Its ingress, generator and proxy go with it; a third node has room for them."""
    with Load(three, CLIENTS, (three.url, three.second_url)) as load:
        load.wait_for(CLIENTS)
        with httpx2.Client(base_url=three.second_url, timeout=60, trust_env=False) as client:
            streamed = later(client)
        killed = time.monotonic()
        three.nodes.tell("kill")
        load.wait_for(2 * CLIENTS)
        served = time.monotonic() - killed
        with httpx2.Client(base_url=three.url, timeout=60, trust_env=False) as client:
            assert heard(client, streamed, 0)[-1].name == "done"
            assert client.get("/readyz").status_code == 200
        three.nodes.tell("whole")
        whole = time.monotonic() - killed
        load.wait_for(CLIENTS)
    assert_nothing_lost_or_done_twice(load, three)
    report(
        as_many_sets_later=served,
        every_replica_again=whole,
        asked=len(load.songs),
        refusals=dict(load.refusals()),
        problems=load.problems(),
        slowest=load.slowest(),
    )
    assert set(load.refusals()) <= {0, 500, 503}
    assert whole < 4 * HEALTHY_SECONDS  # measured: see docs/reliability.md
