from __future__ import annotations

import hashlib

import pytest
import yaml

from deployments.config.user_config import AccessKey
from scripts.operations import create_key


def test_the_line_is_what_the_configuration_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert create_key.main(["alice"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    key, line = first.rpartition(" ")[2], second.partition(": ")[2]
    access_key = AccessKey.model_validate(yaml.safe_load(line))
    assert access_key.name == "alice"
    assert access_key.sha256 == hashlib.sha256(key.encode()).hexdigest()


def test_keys_differ() -> None:
    assert len({create_key.create("a")[0] for _ in range(9)}) == 9
