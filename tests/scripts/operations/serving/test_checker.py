from __future__ import annotations

import os
import time
from pathlib import Path

from scripts.operations.serving.checker import ConfigCheck


def awaited(check: ConfigCheck) -> list[str]:
    end = time.monotonic() + 120
    while check._child.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.1)
    return check.faults


def test_faults_are_told_without_the_files_name(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("applications: [{name: a, route_prefix: no, import_path: 'nowhere:build'}]")
    check = ConfigCheck(config, os.environ)
    assert any(
        fault.startswith("applications[0]: import_path: nowhere:") for fault in awaited(check)
    )
    check.stop()


def test_a_check_that_fails_itself_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "__init__.py").write_text("raise RuntimeError('not this one')")
    config = tmp_path / "config.yaml"
    config.write_text("applications: [{name: a, import_path: 'nowhere:build'}]")
    check = ConfigCheck(config, {**os.environ, "PYTHONPATH": str(tmp_path)})
    assert awaited(check) == []
    check.stop()


def test_it_can_be_stopped_while_it_checks(tmp_path: Path) -> None:
    check = ConfigCheck(tmp_path / "none.yaml", os.environ)
    check.stop()
    assert check._child.poll() is not None
