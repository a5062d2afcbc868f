"""Checks the config while Ray starts, which takes longer: a slip is told in seconds and costs no start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "check_config.py"


class ConfigCheck:
    """`check_config.py` in a process of its own: what it imports stays out of the launcher's memory.

    Args:
        config: that `serve run` gets.
        env: that it gets, too.
    """

    def __init__(self, config: Path, env: Mapping[str, str]) -> None:
        self._config = config
        self._told: str | None = None
        self._child = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(config)],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._child.stdout is not None
        self._output = self._child.stdout

    @property
    def faults(self) -> list[str]:
        """What is wrong with the config; none while that is not known, or where the check itself fails."""
        if self._child.poll() != 1:
            return []
        if self._told is None:
            self._told = self._output.read()
        prefix = f"{self._config}: "
        return [
            line.removeprefix(prefix) for line in self._told.splitlines() if line.startswith(prefix)
        ]

    def stop(self) -> None:
        """Check no further."""
        self._child.kill()
        self._child.wait()
        self._output.close()
