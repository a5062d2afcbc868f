from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.songdalle_client.service import FakeService, picture

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command_line.md"


def test_the_program_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    with FakeService() as service:
        exec(program.replace("http://127.0.0.1:8000", service.url), {})
    prompt, best = capsys.readouterr().out.splitlines()
    assert prompt == "a painting of a lamp on the hill"
    assert best == f"19.0 {len(picture(20))} bytes"
