"""From a catalogue entry to a checkpoint folder: download, verify, unpack, complete, rename.

    CACHE/rq-cc3m/                            the folder, which only ever appears whole
    CACHE/downloads/rq-cc3m/cc3m.tar.gz       the archive; `.partial` on its way, `.sha256` its record

A process that works on a profile locks the profile's folder of downloads.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scripts.operations.weights.archive import unpack
from scripts.operations.weights.catalogue import ArchiveProfile, RemoteFile
from scripts.operations.weights.transfer import (
    DamagedFileError,
    DownloadError,
    Patience,
    digest,
    download,
    verify,
)

UNPACKED = 1.15  # bytes on disk per byte of a gzipped checkpoint: weights hardly compress


@dataclass(frozen=True)
class CheckpointDownload:
    """One checkpoint's way into the cache.

    Args:
        cache: folder of all downloads.
        mirror: address in place of the publishers' scheme and host.
        sha256: what the user expects of the archive, in hex.
        keep_archive: leave the archive in the cache after unpacking.
    """

    profile: ArchiveProfile
    cache: Path
    patience: Patience
    mirror: str | None = None
    sha256: str | None = None
    keep_archive: bool = False

    @property
    def folder(self) -> Path:
        """The finished checkpoint."""
        return self.cache / self.profile.name

    @property
    def downloads(self) -> Path:
        """Where this profile's files arrive."""
        return self.cache / "downloads" / self.profile.name

    @property
    def archive(self) -> Path:
        """The downloaded archive."""
        return self.downloads / self.profile.archive.name

    @property
    def _record(self) -> Path:
        """The archive's SHA-256 after its first download, in the format of `sha256sum`."""
        return self.downloads / f"{self.archive.name}.sha256"

    def run(self) -> Path:
        """Bring the checkpoint into the cache if it is not there; return its folder.

        Raises:
            DownloadError: it could not be had, or is not what was expected.
        """
        self.downloads.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.downloads, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self.folder.exists():
                self._check_folder()
            else:
                self._bring_twice()
        except BlockingIOError:
            raise DownloadError(f"another process is downloading to {self.downloads}") from None
        finally:
            os.close(lock)
        return self.folder

    def _check_folder(self) -> None:
        """Check an earlier run's folder: whole, and of the archive that the user expects."""
        again = f"remove {self.folder} and run the command again"
        missing = [name for name in self.profile.whole if not (self.folder / name).is_file()]
        if missing:
            raise DownloadError(f"{self.folder} lacks {', '.join(missing)}: {again}")
        recorded = self._recorded()
        if self.sha256 and recorded and recorded != self.sha256:
            raise DownloadError(f"{self.folder} is of an archive with sha256 {recorded}: {again}")

    def _recorded(self) -> str | None:
        if not self._record.is_file():
            return None
        value = re.match(r"[0-9a-f]{64}\b", self._record.read_text(errors="replace"))
        if value is None:
            raise DownloadError(f"{self._record} holds no SHA-256: delete it and try again")
        return value[0]

    def _bring_twice(self) -> None:
        try:
            self._bring()
        except DamagedFileError as damage:
            print(f"{damage}, downloading once more", flush=True)
            self._bring()

    def _bring(self) -> None:
        """Have every file, verified, and make the folder of them."""
        for file in self.profile.vocabulary:  # first: small, and the mirror may lack it
            self._obtain(file, {})
        recorded, expected = self._recorded(), {}
        if self.sha256:
            expected[f"sha256:{self.sha256}"] = "given with --sha256"
        elif recorded:
            expected[f"sha256:{recorded}"] = f"recorded in {self._record}"
        self._obtain(self.profile.archive, expected, unpacked=UNPACKED)
        staging = self.downloads / "unpacking"
        shutil.rmtree(staging, ignore_errors=True)  # of a run that was killed
        staging.mkdir()
        try:
            print(f"{self.archive.name}  unpacking", flush=True)
            unpack(self.archive, staging)
            checkpoint = self._find_checkpoint(staging)
            for file in self.profile.vocabulary:
                (checkpoint / "tokenizer").mkdir(exist_ok=True)
                shutil.copyfile(self.downloads / file.name, checkpoint / "tokenizer" / file.name)
            self._record.write_text(f"{digest(self.archive)}  {self.archive.name}\n")
            checkpoint.rename(self.folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        if not self.keep_archive:
            for file in (self.profile.archive, *self.profile.vocabulary):
                (self.downloads / file.name).unlink()

    def _find_checkpoint(self, staging: Path) -> Path:
        """The checkpoint: `staging` or the one folder that the archive wraps around it."""
        for folder in (staging, *sorted(path for path in staging.iterdir() if path.is_dir())):
            if all((folder / name).is_file() for name in self.profile.files):
                return folder
        raise DownloadError(f"{self.archive} does not hold {', '.join(self.profile.files)}")

    def _obtain(self, file: RemoteFile, expected: dict[str, str], *, unpacked: float = 0) -> None:
        """Have a verified file among the downloads: one that is there already, or a new one."""
        target = self.downloads / file.name
        published = {file.checksum: "published"} if file.checksum else {}
        if target.is_file():
            verify(target, published | expected)
            return
        url = self.mirror + urlsplit(file.url).path if self.mirror else file.url
        download(url, target, self.patience, published | expected, unpacked=unpacked)
