"""Gzipped tar files of strangers, unpacked without letting them write elsewhere."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from pathlib import Path

from scripts.operations.weights.transfer import DamagedFileError, DownloadError, require_space

BLOCK = 1 << 20  # bytes
MOST_MEMBERS = 10_000  # a checkpoint has a dozen


def unpack(archive: Path, folder: Path) -> None:
    """Unpack into an existing empty folder. The caller removes the folder if this fails.

    Raises:
        DamagedFileError: the archive is cut, or its bytes are not those that were packed; it is removed.
        DownloadError: a member leads out of the folder or is no file, or there are too many: the archive is
            removed as well; or the contents do not fit on the disk.
    """
    try:
        with gzip.open(archive) as raw, tarfile.open(fileobj=raw, mode="r|", bufsize=BLOCK) as tar:
            for count, member in enumerate(tar, start=1):
                if count > MOST_MEMBERS:
                    raise tarfile.FilterError("too many members")
                require_space(folder, member.size, f"unpacking {member.name}")
                tar.extract(member, folder, filter="data")
            # tar stops at its own end: gzip compares its checksum only at the end of the file
            while raw.read(BLOCK):
                pass
    except tarfile.FilterError as refused:
        archive.unlink()
        raise DownloadError(f"{archive.name} is refused and removed: {refused}") from None
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as fault:
        archive.unlink()
        raise DamagedFileError(f"{archive.name} is damaged: {fault}; it is removed") from None
    except OSError as fault:
        raise DownloadError(f"{archive} could not be unpacked: {fault}") from None
