"""Which steps are done, and with which options: a JSON file in the run folder."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from scripts.training.embedded.recipe import Step

FILE = "state.json"
LOCK = "lock"


class Status(Enum):
    """What is to be done about a step."""

    DONE = "done"
    RESUME = "to resume"
    OTHER = "to do anew, as it was made with other options"
    NEW = "to do"


@dataclass(frozen=True)
class Record:
    """A step as it was last begun.

    Attributes:
        fingerprint: see `recipe.fingerprints`.
        finished: whether it ended well.
        seconds: time spent on it, over all resumptions.
        command: what was run, for people to read.
    """

    fingerprint: str
    finished: bool
    seconds: float
    command: str


class State:
    """Records of the steps of a run folder, written through at each change.

    Raises:
        ValueError: the file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._records: dict[str, Record] = {}
        if self._path.is_file():
            try:
                raw = json.loads(self._path.read_text(encoding="utf-8"))
                self._records = {name: Record(**record) for name, record in raw.items()}
            except (ValueError, TypeError, AttributeError) as error:
                raise ValueError(f"{self._path} is damaged: move it away ({error})") from error

    def __getitem__(self, name: str) -> Record | None:
        return self._records.get(name)

    def __setitem__(self, name: str, record: Record) -> None:
        self._records[name] = record
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({k: asdict(v) for k, v in self._records.items()}, indent=2)
        partial = self._path.with_suffix(".partial")
        partial.write_text(text + "\n", encoding="utf-8")
        os.replace(partial, self._path)

    def status(self, step: Step, fingerprint: str) -> Status:
        """Whether a step has to be run, by its record and its outputs."""
        there = all(path.is_file() for path in step.outputs)
        if step.fetched:
            return Status.DONE if there else Status.NEW
        record = self[step.name]
        if record is None:
            leftover = step.folder is not None and step.folder.is_dir()
            return Status.OTHER if leftover else Status.NEW
        if record.fingerprint != fingerprint:
            return Status.OTHER
        if not record.finished:
            return Status.RESUME
        return Status.DONE if there else Status.NEW


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Hold the run folder; yields a file descriptor that children inherit, so that the folder stays
    taken while one of them lives.

    Raises:
        ValueError: another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"{folder} is in use by another run: wait for it or stop it") from None
        yield handle
    finally:
        os.close(handle)


def set_aside(folder: Path) -> Path:
    """Rename a folder to the first free `<name>.N`; returns where it went."""
    number = 1
    while (target := folder.with_name(f"{folder.name}.{number}")).exists():
        number += 1
    folder.rename(target)
    return target
