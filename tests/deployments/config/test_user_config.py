from __future__ import annotations

from pathlib import Path

import pytest

from deployments.config.user_config import AccessKey, AccessTunables

KEY = AccessKey(name="ann", sha256="a" * 64)


def test_keys_of_a_file_come_beside_the_others(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("- {name: bob, sha256: " + "b" * 64 + "}\n")
    access = AccessTunables(keys=(KEY,), keys_file=file, draws_per_minute=5).with_keys_of_file()
    assert [key.name for key in access.keys] == ["ann", "bob"]
    assert access.draws_per_minute == 5
    file.write_text("[]")
    assert AccessTunables(keys_file=file).with_keys_of_file().keys == ()
    assert AccessTunables(keys=(KEY,)).with_keys_of_file().keys == (KEY,)


@pytest.mark.parametrize("content", ["", "ann", "- {name: ann}", "- [", "- {name: ann, sha256: x}"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"is no list of keys: write lines .* or \[\] for none"):
        AccessTunables(keys_file=file).with_keys_of_file()


def test_a_missing_file_is_no_open_door(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        AccessTunables(keys_file=tmp_path / "keys.yaml").with_keys_of_file()
