"""Clients that ask for covers all the while, and what became of every single request."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx2

Row = tuple[str, str, str]
PATIENCE = 90.0
PAUSE = 0.3
CANDIDATES = 2
LATER = {"Prefer": "respond-async"}


class Asked(Protocol):
    """A service that can be asked, and whose jobs can be read."""

    url: str

    def jobs(self) -> list[Row]:
        """Idempotency key, id and status of every job."""


@dataclass
class Song:
    """One request and all that came of it.

    Attributes:
        refusals: status and body of each answer that was no success; 0 is a lost connection.
        made: the covers.
    """

    key: str
    later: bool
    refusals: list[tuple[int, str]] = field(default_factory=list)
    made: dict[str, Any] | None = None
    seconds: float = 0.0


class Load:
    """Asks while its context is open, and then until every request has its covers.

    Half of the clients wait for their answers, the others come back for them. All repeat what failed with the
    same `Idempotency-Key`, as clients should that want one set and not two.

    Args:
        doors: addresses of the service, for one client after the other; where it is not to be reached at one, a
            client tries again at the next. Left out: the service's only one.
    """

    def __init__(self, service: Asked, clients: int = 4, doors: Sequence[str] = ()) -> None:
        self.songs: list[Song] = []
        self._doors, self._stop = doors or (service.url,), threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        self.wait_for(len(self._threads))
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask no more, and wait for what was asked."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE + 60)

    def wait_for(self, count: int) -> None:
        """Until so many more requests have their covers."""
        end, wanted = time.monotonic() + PATIENCE, self._done() + count
        while self._done() < wanted:
            assert time.monotonic() < end, self.refusals()
            time.sleep(0.05)

    def _done(self) -> int:
        return sum(song.made is not None for song in self.songs)

    def refusals(self) -> Counter[int]:
        """How often each status came that was no success; 0: connections lost."""
        return Counter(status for song in self.songs for status, _ in song.refusals)

    def problems(self) -> set[str]:
        """The problems that clients were told, each once."""
        return {f"{status}: {text[:160]}" for song in self.songs for status, text in song.refusals}

    def slowest(self) -> float:
        """Seconds that the slowest request took, repetitions included."""
        return max(song.seconds for song in self.songs)

    def _ask(self, number: int) -> None:
        doors = itertools.islice(itertools.cycle(self._doors), number // 2, None)
        with ExitStack() as stack:
            clients = {
                door: stack.enter_context(
                    httpx2.Client(base_url=door, timeout=PATIENCE, trust_env=False)
                )
                for door in self._doors
            }
            client = clients[next(doors)]
            while not self._stop.is_set():
                song = Song(uuid.uuid4().hex, later=number % 2 == 1)
                self.songs.append(song)
                began = time.monotonic()
                while song.made is None and time.monotonic() < began + PATIENCE:
                    try:
                        _try(client, song)
                    except httpx2.HTTPError as error:
                        song.refusals.append((0, repr(error)))
                        client = clients[next(doors)]
                    if song.made is None:
                        time.sleep(PAUSE)
                song.seconds = time.monotonic() - began


def _try(client: httpx2.Client, song: Song) -> None:
    """One request, and the visits after it."""
    order = {"lyrics": f"풍선을 타고 날아가는 예쁜 꿈 {song.key[:4]}", "candidates": CANDIDATES}
    headers = {"Idempotency-Key": song.key, **(LATER if song.later else {})}
    answer = client.post("/v1/covers", json=order, headers=headers)
    while answer.is_success and answer.json()["status"] in ("queued", "running"):
        time.sleep(0.1)
        answer = client.get(f"/v1/covers/{answer.json()['id']}")
    if answer.is_success and answer.json()["status"] == "done":
        song.made = answer.json()
        return
    song.refusals.append((answer.status_code, answer.text[:2000]))


def assert_nothing_lost_or_done_twice(load: Load, service: Asked) -> None:
    """Every request has its covers, one set, all of it; and the job queue has one job for each."""
    lost = [song for song in load.songs if song.made is None]
    assert not lost, lost
    made = [song.made for song in load.songs if song.made]
    assert len({each["id"] for each in made}) == len(made)
    assert all(len(each["covers"]) == CANDIDATES for each in made)
    rows: dict[str, list[tuple[str, str]]] = {}
    for key, id, status in service.jobs():
        rows.setdefault(key, []).append((id, status))
    for song in load.songs:
        assert song.made
        assert rows[song.key] == [(song.made["id"], "done")]
    with httpx2.Client(base_url=service.url, timeout=60, trust_env=False) as client:
        for each in made[-5:]:
            for cover in each["covers"]:
                assert client.get(cover["url"]).status_code == 200
