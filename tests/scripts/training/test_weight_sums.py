"""The shared list of weight digests: updated line by line, never losing another's lines."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from scripts.training.weight_sums import main, update_sums
from songdalle_core.artifacts import WeightsError, read_sums, verified


def write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def test_creates_the_list_sorted_by_name(tmp_path: Path) -> None:
    b = write(tmp_path, "b/two.json", b"two")
    a = write(tmp_path, "a/one.json", b"one")
    update_sums(tmp_path, ["b/two.json", "a/one.json"])
    listing = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8")
    assert listing == f"{a}  a/one.json\n{b}  b/two.json\n"
    assert verified("a/one.json", tmp_path) == tmp_path / "a/one.json"


def test_replaces_own_lines_and_keeps_the_others(tmp_path: Path) -> None:
    foreign = "0" * 64
    (tmp_path / "SHA256SUMS").write_text(f"{foreign}  other/x.safetensors\n", encoding="utf-8")
    write(tmp_path, "own.json", b"old")
    update_sums(tmp_path, ["own.json"])
    new = write(tmp_path, "own.json", b"new")
    update_sums(tmp_path, ["own.json"])
    assert read_sums(tmp_path) == {"other/x.safetensors": foreign, "own.json": new}


@pytest.mark.parametrize(
    "name", ["missing.json", "../escape.json", "/absolute.json", "folder", "./own.json"]
)
def test_refuses_unusable_names_and_leaves_the_list_alone(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "weights"
    (folder / "folder").mkdir(parents=True)
    write(folder, "own.json", b"own")
    write(tmp_path, "escape.json", b"outside")
    with pytest.raises(ValueError, match=r"give a path below|is no file"):
        update_sums(folder, [name])
    assert not (folder / "SHA256SUMS").exists()


def test_refuses_to_rewrite_a_malformed_list(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text("not a digest\n", encoding="utf-8")
    write(tmp_path, "own.json", b"own")
    with pytest.raises(WeightsError, match="cannot read the line"):
        update_sums(tmp_path, ["own.json"])
    assert (tmp_path / "SHA256SUMS").read_text(encoding="utf-8") == "not a digest\n"


def test_writers_at_the_same_time_lose_no_line(tmp_path: Path) -> None:
    names = [f"file{i:02}.bin" for i in range(16)]
    for name in names:
        write(tmp_path, name, name.encode())
    threads = [threading.Thread(target=update_sums, args=(tmp_path, [name])) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read_sums(tmp_path)) == names
    assert not list(tmp_path.glob(".SHA256SUMS*"))


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = write(tmp_path, "own.json", b"own")
    assert main(["--folder", str(tmp_path), "own.json"]) == 0
    assert read_sums(tmp_path) == {"own.json": digest}
    with pytest.raises(SystemExit) as exit_status:
        main(["--folder", str(tmp_path), "missing.json"])
    assert exit_status.value.code == 2
    assert "is no file" in capsys.readouterr().err
