from __future__ import annotations

import fcntl
import hashlib
import io
import os
import random
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.operations.weights import checkpoint
from scripts.operations.weights.catalogue import ArchiveProfile, RemoteFile
from scripts.operations.weights.checkpoint import CheckpointDownload
from scripts.operations.weights.transfer import DownloadError, Patience
from tests.scripts.operations.weights.file_server import FileServer, Manner

NOISE = random.Random(6).randbytes(200_000)
CONTENT = {"stage1/config.yaml": b"a: 1\n", "stage1/model.pt": NOISE}
VOCABULARY = b'{"[PAD]": 0}'
PATH = "/models/0123/toy.tar.gz"
WORDS = "/src/words.json"


def packed(content: dict[str, bytes], prefix: str = "toy/", **special: bytes) -> bytes:
    """A tar.gz; `special` are members of a type in place of data."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in content.items():
            info = tarfile.TarInfo(prefix + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for name, kind in special.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
    return out.getvalue()


ARCHIVE = packed(CONTENT)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def order(server: FileServer, tmp_path: Path) -> CheckpointDownload:
    """A checkpoint without a published checksum, and a vocabulary with one."""
    server.files.update({PATH: ARCHIVE, WORDS: VOCABULARY})
    words = RemoteFile(server.url + WORDS, checksum=f"sha256:{sha256(VOCABULARY)}")
    archive = RemoteFile(server.url + PATH)
    profile = ArchiveProfile("toy", "a toy", "MIT", True, archive, tuple(CONTENT), (words,))
    return CheckpointDownload(profile, tmp_path / "cache", Patience())


def with_md5(order: CheckpointDownload) -> CheckpointDownload:
    archive = order.profile.archive
    checksum = f"md5:{hashlib.md5(ARCHIVE).hexdigest()}"
    return replace(
        order, profile=replace(order.profile, archive=replace(archive, checksum=checksum))
    )


def paths(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def asked(server: FileServer, path: str = PATH) -> int:
    return sum(request.path == path for request in server.requests)


def test_brings_a_whole_folder_and_records_the_archive(
    server: FileServer, order: CheckpointDownload
) -> None:
    folder = order.run()
    assert folder == order.cache / "toy"
    assert paths(folder) == ["stage1/config.yaml", "stage1/model.pt", "tokenizer/words.json"]
    assert (folder / "stage1/model.pt").read_bytes() == NOISE
    assert (folder / "tokenizer/words.json").read_bytes() == VOCABULARY
    assert paths(order.downloads) == ["toy.tar.gz.sha256"]
    record = (order.downloads / "toy.tar.gz.sha256").read_text()
    assert record == f"{sha256(ARCHIVE)}  toy.tar.gz\n"
    assert folder.stat().st_mode & 0o055 == 0o055 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_second_run_asks_for_nothing(server: FileServer, order: CheckpointDownload) -> None:
    order.run()
    before = len(server.requests)
    assert order.run() == order.folder
    assert len(server.requests) == before


def test_an_archive_without_a_folder_around_it_works_too(
    server: FileServer, order: CheckpointDownload
) -> None:
    server.files[PATH] = packed(CONTENT, prefix="./")
    assert (order.run() / "stage1/model.pt").read_bytes() == NOISE


def test_an_archive_cut_on_the_way_is_resumed(
    server: FileServer, order: CheckpointDownload
) -> None:
    server.ask(Manner(), Manner(cut=90_000))
    assert (order.run() / "stage1/model.pt").read_bytes() == NOISE
    assert server.ranges() == [None, None, "bytes=90000-"]


@pytest.mark.parametrize("published", [True, False])
def test_damage_on_the_way_is_noticed_and_downloaded_afresh(
    server: FileServer, order: CheckpointDownload, published: bool
) -> None:
    server.ask(Manner(), Manner(corrupt=True))
    order = with_md5(order) if published else order
    assert (order.run() / "stage1/model.pt").read_bytes() == NOISE
    assert asked(server) == 2
    assert server.ranges() == [None] * 3


@pytest.mark.parametrize("published", [True, False])
def test_damage_on_the_server_is_an_error_that_leaves_nothing(
    server: FileServer, order: CheckpointDownload, published: bool
) -> None:
    server.files[PATH] = ARCHIVE[:-100] + bytes([ARCHIVE[-100] ^ 1]) + ARCHIVE[-99:]
    order = with_md5(order) if published else order
    with pytest.raises(DownloadError, match="md5" if published else "damaged"):
        order.run()
    assert asked(server) == 2
    assert not order.folder.exists()
    assert paths(order.cache) == ["downloads/toy/words.json"]


def test_a_record_is_held_against_later_downloads(
    server: FileServer, order: CheckpointDownload
) -> None:
    order.run().rename(order.cache / "elsewhere")
    server.files[PATH] = packed({**CONTENT, "stage1/config.yaml": b"a: 2\n"})
    with pytest.raises(DownloadError, match=r"recorded in .*toy\.tar\.gz\.sha256"):
        order.run()
    assert not order.folder.exists()
    (order.downloads / "toy.tar.gz.sha256").unlink()
    assert (order.run() / "stage1/config.yaml").read_bytes() == b"a: 2\n"


def test_an_unreadable_record_is_an_error(order: CheckpointDownload) -> None:
    order.downloads.mkdir(parents=True)
    (order.downloads / "toy.tar.gz.sha256").write_text("nonsense\n")
    with pytest.raises(DownloadError, match="holds no SHA-256: delete it"):
        order.run()


def test_the_users_checksum_is_held(server: FileServer, order: CheckpointDownload) -> None:
    right, wrong = sha256(ARCHIVE), sha256(b"another")
    with pytest.raises(DownloadError, match="given with --sha256"):
        replace(order, sha256=wrong).run()
    assert replace(order, sha256=right).run() == order.folder
    with pytest.raises(DownloadError, match=f"sha256 {right}"):
        replace(order, sha256=wrong).run()


def test_the_users_checksum_replaces_a_record(
    server: FileServer, order: CheckpointDownload
) -> None:
    order.run().rename(order.cache / "elsewhere")
    changed = packed({**CONTENT, "stage1/config.yaml": b"a: 2\n"})
    server.files[PATH] = changed
    replace(order, sha256=sha256(changed)).run()
    assert (order.downloads / "toy.tar.gz.sha256").read_text().startswith(sha256(changed))


def test_a_kept_archive_is_unpacked_again_without_the_server(
    server: FileServer, order: CheckpointDownload
) -> None:
    order = replace(order, keep_archive=True)
    order.run().rename(order.cache / "elsewhere")
    assert paths(order.downloads) == ["toy.tar.gz", "toy.tar.gz.sha256", "words.json"]
    before = len(server.requests)
    order.run()
    assert len(server.requests) == before


def test_a_damaged_kept_archive_is_downloaded_afresh(
    server: FileServer, order: CheckpointDownload
) -> None:
    order = replace(order, keep_archive=True)
    order.run().rename(order.cache / "elsewhere")
    order.archive.write_bytes(ARCHIVE[:-1] + b"x")
    assert (order.run() / "stage1/model.pt").read_bytes() == NOISE
    assert asked(server) == 2


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.CHRTYPE], ids=["symlink", "device"])
def test_a_hostile_archive_leaves_nothing(
    server: FileServer, order: CheckpointDownload, kind: bytes
) -> None:
    server.files[PATH] = packed(CONTENT, evil=kind)
    with pytest.raises(DownloadError, match="evil"):
        order.run()
    assert asked(server) == 1
    assert paths(order.cache) == ["downloads/toy/words.json"]
    assert [path.name for path in order.cache.iterdir()] == ["downloads"]


def test_a_climbing_archive_leaves_nothing(server: FileServer, order: CheckpointDownload) -> None:
    server.files[PATH] = packed(CONTENT, prefix="../../../")
    with pytest.raises(DownloadError, match="outside the destination"):
        order.run()
    assert paths(order.cache.parent) == ["cache/downloads/toy/words.json"]


def test_an_archive_of_something_else_is_an_error(
    server: FileServer, order: CheckpointDownload
) -> None:
    server.files[PATH] = packed({"readme": b""})
    with pytest.raises(DownloadError, match=r"does not hold stage1/config\.yaml, stage1/model\.pt"):
        order.run()
    assert not order.folder.exists()


def test_a_missing_vocabulary_is_known_before_the_large_download(
    server: FileServer, order: CheckpointDownload
) -> None:
    del server.files[WORDS]
    with pytest.raises(DownloadError, match="404"):
        order.run()
    assert asked(server) == 0


def test_a_folder_that_lost_a_file_is_not_called_ready(order: CheckpointDownload) -> None:
    (order.run() / "stage1/model.pt").unlink()
    with pytest.raises(DownloadError, match=r"lacks stage1/model\.pt: remove .* and run"):
        order.run()


def test_a_mirror_serves_the_same_paths(server: FileServer, order: CheckpointDownload) -> None:
    words = replace(order.profile.vocabulary[0], url=f"https://source.invalid{WORDS}")
    archive = RemoteFile(f"https://publisher.invalid{PATH}")
    profile = replace(order.profile, archive=archive, vocabulary=(words,))
    server.files = {f"/copy{path}": data for path, data in server.files.items()}
    replace(order, profile=profile, mirror=f"{server.url}/copy").run()
    assert [request.path for request in server.requests] == [f"/copy{WORDS}", f"/copy{PATH}"]


def test_two_processes_do_not_write_the_same_file(order: CheckpointDownload) -> None:
    order.downloads.mkdir(parents=True)
    other = os.open(order.downloads, os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(DownloadError, match="another process is downloading"):
            order.run()
    finally:
        os.close(other)
    order.run()


def test_a_stop_while_unpacking_leaves_the_archive(
    server: FileServer, order: CheckpointDownload, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(archive: Path, folder: Path) -> None:
        (folder / "half").write_bytes(b"x")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "unpack", stop)
        with pytest.raises(KeyboardInterrupt):
            order.run()
    assert paths(order.cache) == ["downloads/toy/toy.tar.gz", "downloads/toy/words.json"]
    order.run()
    assert asked(server) == 1


def test_what_a_killed_run_left_is_cleared(order: CheckpointDownload) -> None:
    left = order.downloads / "unpacking"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"x")
    order.run()
    assert not left.exists()
