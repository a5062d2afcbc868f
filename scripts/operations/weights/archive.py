"""Gzipped tar files of strangers, unpacked without letting them write elsewhere."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from scripts.operations.weights import disk
from scripts.operations.weights.errors import DamagedFileError, DownloadError

BLOCK = 1 << 20  # bytes
MOST_MEMBERS = 10_000  # a checkpoint has a dozen


class RefusedArchiveError(DownloadError):
    """The archive holds what no checkpoint needs and an attacker would use."""


def unpack(archive: Path, folder: Path) -> None:
    """Unpack into an existing empty folder. The caller removes the folder if this fails.

    Raises:
        RefusedArchiveError: a path that is absolute or climbs, a link, a device, too many members.
        DamagedFileError: the archive is cut, or its bytes are not those that were packed.
        SpaceError: the contents do not fit on the disk.
        DownloadError: the disk refuses a file.
    """
    try:
        with gzip.open(archive) as raw, tarfile.open(fileobj=raw, mode="r|", bufsize=BLOCK) as tar:
            for member in _checked(tar, archive.name):
                disk.require(folder, member.size, f"unpacking {member.name}")
                tar.extract(member, folder, filter="data")
            # tar stops at its own end: gzip compares its checksum only at the end of the file
            while raw.read(BLOCK):
                pass
    except tarfile.FilterError as refused:
        raise RefusedArchiveError(f"{archive.name} is refused: {refused}") from None
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise DamagedFileError(f"{archive.name} is damaged: {fault}") from None
    except OSError as fault:
        raise DownloadError(f"{archive.name} could not be unpacked: {fault}") from None


def _checked(tar: tarfile.TarFile, archive: str) -> Iterator[tarfile.TarInfo]:
    for count, member in enumerate(tar, start=1):
        reason = _objection(member) or ("too many members" if count > MOST_MEMBERS else None)
        if reason:
            raise RefusedArchiveError(f"{archive} is refused: {member.name!r}: {reason}")
        yield member


def _objection(member: tarfile.TarInfo) -> str | None:
    """Why a member is refused, or None."""
    path = PureWindowsPath(member.name)  # it knows both slashes, and drives
    if path.anchor:
        return "an absolute path"
    if ".." in path.parts:
        return "a path that leads out of the folder"
    if member.issym() or member.islnk():
        return "a link"
    if not (member.isreg() or member.isdir()):
        return "neither a file nor a folder"
    return None
