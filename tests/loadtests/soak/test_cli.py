"""A short soak of a service that keeps the HTTP contract."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from loadtests.cli import main
from tests.loadtests.fake_service import FakeService


def soak(service: FakeService, folder: Path, *words: object) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of a soak of a few seconds that watches this process."""
    common = ["--url", service.url, "--minutes", 0.03, "--capacity-seconds", 0.5, "--warm-up", 0]
    common += ["--users", 2, "--every", 0.02, "--whole", "--pid", os.getpid()]
    words = ("soak", *common, "--json", folder / "a.json", *words)
    code = main([str(word) for word in words])
    return code, json.loads((folder / "a.json").read_text())


def test_from_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeService(delay=0.1, workers=2) as service:
        code, report = soak(service, tmp_path, "--share", 0.5, "--plot", tmp_path / "a.png")
    assert code in (0, 1)  # this process may grow: pytest is at work in it
    assert 5 < report["capacity"] <= 20
    assert report["load"]["rate"] == pytest.approx(0.5 * report["capacity"], rel=1e-3)
    assert report["load"]["completed"] == report["load"]["offered"] > 3
    assert report["load"]["requests"] == []
    own = next(process for process in report["processes"] if process["pid"] == os.getpid())
    assert own["slope"]["low"] <= own["slope"]["mib_per_hour"] <= own["slope"]["high"]
    assert len(own["times"]) > 20
    assert (
        report["sound"]
        == (code == 0)
        == (not any(p["slope"] and p["slope"]["grows"] for p in report["processes"]))
    )
    assert sum(spell["done"] for spell in report["spells"]) == report["load"]["completed"]
    assert "| MiB an hour |" in capsys.readouterr().out
    with Image.open(tmp_path / "a.png") as plot:
        assert plot.width > 800


def test_a_request_that_fails_spoils_it(tmp_path: Path) -> None:
    with FakeService(["covers", "covers", "500"], delay=0.05) as service:
        code, report = soak(service, tmp_path, "--share", 1)
    assert code == 1
    assert not report["sound"]
    assert {request["status"] for request in report["load"]["requests"]} == {500}


@pytest.mark.parametrize(
    "words",
    [
        ("--share", "0"),
        ("--minutes", "-1"),
        ("--url", "http://example.org"),
        ("--json", "/no/file"),
    ],
)
def test_what_cannot_be_followed_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["soak", *words])
