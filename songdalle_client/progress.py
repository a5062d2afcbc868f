"""A progress bar of one cover set, drawn from the events of its stream."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from songdalle_client.events import Event, Judged, Previewed, Prompted, Queued, Summarized
from songdalle_client.terminal import plain


class CoverProgress:
    """Shows how far the covers are, by a bar on a terminal; elsewhere only the prompt is printed.

    Args:
        candidates: covers asked for.
    """

    def __init__(self, console: Console, candidates: int) -> None:
        self._fractions: dict[int, float] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[covers]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._candidates = candidates
        self._task = self._progress.add_task("asking", total=candidates, covers="")

    def __enter__(self) -> CoverProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @property
    def drawn(self) -> float:
        """Covers drawn, parts of them included."""
        return sum(self._fractions.values())

    def show(self, event: Event) -> None:
        """Show what an event says."""
        if isinstance(event, Queued):
            self._describe(queue_line(event))
        elif isinstance(event, Summarized):
            self._describe("translating")
        elif isinstance(event, Prompted):
            self._describe("drawing")
            if self._progress.disable:  # without a bar, a line in its place
                self._progress.console.print(plain(event.prompt), markup=False, soft_wrap=True)
        elif isinstance(event, Previewed):
            before = self._fractions.get(event.candidate, 0.0)
            self._fractions[event.candidate] = max(before, min(event.fraction, 1.0))
        elif isinstance(event, Judged):
            self._fractions[event.candidate] = 1.0
        whole = sum(fraction >= 1 for fraction in self._fractions.values())
        covers = f"{whole}/{self._candidates}" if whole else ""
        self._progress.update(self._task, completed=self.drawn, covers=covers)

    def _describe(self, what: str) -> None:
        self._progress.update(self._task, description=what)


def queue_line(event: Queued) -> str:
    """Where a job stands, in a few words."""
    if not event.position:
        return "reading"
    wait = f", about {event.estimate_seconds:.0f} s" if event.estimate_seconds else ""
    return f"waiting (place {event.position}{wait})"
