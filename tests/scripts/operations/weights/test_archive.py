from __future__ import annotations

import gzip
import io
import random
import shutil
import tarfile
from collections import namedtuple
from pathlib import Path

import pytest

from scripts.operations.weights import archive
from scripts.operations.weights.archive import unpack
from scripts.operations.weights.transfer import DamagedFileError, DownloadError


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info


def pack(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path


def test_unpacks_files_and_folders(place: Path) -> None:
    noise = random.Random(3).randbytes(200_000)
    folder = member("model/stage1", tarfile.DIRTYPE, mode=0o755)
    files = [(member("./model/stage1/model.pt"), noise), (member("model/config.yaml"), b"a: 1\n")]
    unpack(pack(place / "a.tar.gz", [(folder, b""), *files]), place / "in")
    assert (place / "in/model/stage1/model.pt").read_bytes() == noise
    assert (place / "in/model/config.yaml").read_text() == "a: 1\n"


HOSTILE = {
    "climbs": member("../outside"),
    "climbs later": member("model/../../outside"),
    "symlink out": member("link", tarfile.SYMTYPE, "/etc/passwd"),
    "symlink up": member("link", tarfile.SYMTYPE, ".."),
    "hard link out": member("link", tarfile.LNKTYPE, "../a.tar.gz"),
    "character device": member("null", tarfile.CHRTYPE),
    "block device": member("disk", tarfile.BLKTYPE),
    "fifo": member("pipe", tarfile.FIFOTYPE),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_refuses_and_removes_what_an_attacker_would_use(
    place: Path, hostile: tarfile.TarInfo
) -> None:
    packed = pack(place / "a.tar.gz", [(member("good"), b"x"), (hostile, b"")])
    with pytest.raises(DownloadError, match=r"a\.tar\.gz is refused and removed: "):
        unpack(packed, place / "in")
    assert [path.name for path in (place / "in").iterdir()] == ["good"]
    assert [path.name for path in place.iterdir()] == ["in"]


def test_an_absolute_path_stays_within_the_folder(place: Path) -> None:
    name = "/tmp/outside-of-song-dalle"
    unpack(pack(place / "a.tar.gz", [(member(name), b"x")]), place / "in")
    assert (place / "in/tmp/outside-of-song-dalle").read_bytes() == b"x"
    assert not Path(name).exists()


def test_refuses_a_flood_of_files(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    packed = pack(place / "a.tar.gz", [(member(f"f{n}"), b"") for n in range(4)])
    with pytest.raises(DownloadError, match="too many"):
        unpack(packed, place / "in")


def test_strips_special_permissions(place: Path) -> None:
    unpack(pack(place / "a.tar.gz", [(member("tool", mode=0o6777), b"x")]), place / "in")
    assert (place / "in/tool").stat().st_mode & 0o7022 == 0


@pytest.mark.parametrize("cut", [10, 1000, 100_000, -4])
def test_notices_a_cut_archive(place: Path, cut: int) -> None:
    packed = pack(place / "a.tar.gz", [(member("m"), random.Random(4).randbytes(150_000))])
    packed.write_bytes(packed.read_bytes()[:cut])
    with pytest.raises(DamagedFileError, match="damaged"):
        unpack(packed, place / "in")


@pytest.mark.parametrize("at", [0.0, 0.3, 0.9999])
def test_notices_a_flipped_bit(place: Path, at: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "BLOCK", 10_240)  # as little of the file as in a large one
    packed = pack(place / "a.tar.gz", [(member("m"), random.Random(5).randbytes(150_000))])
    data = bytearray(packed.read_bytes())
    data[int(at * len(data))] ^= 1
    packed.write_bytes(data)
    with pytest.raises(DamagedFileError, match="damaged"):
        unpack(packed, place / "in")


def test_a_web_page_is_no_archive(place: Path) -> None:
    (place / "a.tar.gz").write_text("<html>sign in first</html>")
    with pytest.raises(DamagedFileError):
        unpack(place / "a.tar.gz", place / "in")
    (place / "b.tar.gz").write_bytes(gzip.compress(b"<html>" * 1000))
    with pytest.raises(DamagedFileError):
        unpack(place / "b.tar.gz", place / "in")


def test_stops_before_the_disk_is_full(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 999))
    packed = pack(place / "a.tar.gz", [(member("small"), b"x"), (member("big"), bytes(1000))])
    with pytest.raises(DownloadError, match="unpacking big needs 1 kB free"):
        unpack(packed, place / "in")


def test_contradicting_members_are_an_error_not_a_crash(place: Path) -> None:
    packed = pack(place / "a.tar.gz", [(member("a"), b"x"), (member("a/b"), b"x")])
    with pytest.raises(DownloadError, match="could not be unpacked"):
        unpack(packed, place / "in")
