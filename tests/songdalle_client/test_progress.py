from __future__ import annotations

import io
import json

from rich.console import Console

from songdalle_client.events import Event, Queued, read_event
from songdalle_client.progress import CoverProgress, queue_line
from songdalle_client.sse import Message
from tests.songdalle_client.service import Job


def job_events(candidates: int) -> list[Event]:
    job = Job("0" * 32, {"lyrics": "la", "candidates": candidates})
    job.complete()
    read = (read_event(Message("1", name, json.dumps(data))) for name, data in job.events)
    return [event for event in read if event is not None]


def show(terminal: bool) -> tuple[str, list[float]]:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    drawn = []
    with CoverProgress(console, 4) as progress:
        for event in job_events(4):
            progress.show(event)
            drawn.append(progress.drawn)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue(), drawn


def test_the_bar_grows_with_previews_and_covers() -> None:
    drawn = show(terminal=True)[1]
    assert drawn == sorted(drawn)
    assert drawn[-9:] == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.0]


def test_a_terminal_sees_stages_and_counts() -> None:
    screen = show(terminal=True)[0]
    assert "4/4" in screen
    assert "drawing" in screen


def test_a_file_gets_no_bar() -> None:
    assert show(terminal=False)[0].strip() == "a painting of a lamp on the hill"


def test_places_in_the_queue() -> None:
    here = Queued(id="1", url="/", events_url="/", position=3, estimate_seconds=12.4)
    assert queue_line(here) == "waiting (place 3, about 12 s)"
    assert queue_line(here.model_copy(update={"position": 0})) == "reading"
    assert queue_line(here.model_copy(update={"estimate_seconds": None})) == "waiting (place 3)"
