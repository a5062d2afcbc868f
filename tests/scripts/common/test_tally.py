from __future__ import annotations

import time

import pytest

from scripts.common.tally import Tally


def test_lines_say_what_is_done_and_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    known, unknown = Tally("songs", 3000), Tally("songs")
    now = 105.0
    known.add(500)
    assert capsys.readouterr().err == ""
    now = 110.0
    known.add(500)
    unknown.add(5)
    assert capsys.readouterr().err == (
        "1,000 of 3,000 songs, 100.0 a second, 0.3 min left\n5 songs, 0.5 a second\n"
    )
