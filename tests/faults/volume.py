"""A small disk of the tests' own, which they may fill."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

SIZE = 512 * 2**20


class Volume:
    """A tmpfs of 512 MB at `place`, where mounting is permitted; an ordinary folder elsewhere.

    Attributes:
        mounted: whether it is a disk of its own.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.mounted = False

    def __enter__(self) -> Volume:
        options = ["-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(self.place)]
        try:
            self.mounted = subprocess.run(["mount", *options], capture_output=True).returncode == 0
        except OSError:
            self.mounted = False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.place)], check=False)

    def remount(self, how: str) -> None:
        """Make it "ro" or "rw"."""
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.place)], check=True)

    @contextmanager
    def full(self) -> Iterator[None]:
        """No byte can be written while this lasts."""
        ballast = self.place / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(2**16)):
                    pass
            except OSError:
                pass  # full
        try:
            yield
        finally:
            ballast.unlink()
