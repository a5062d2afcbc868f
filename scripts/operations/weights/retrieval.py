"""From a catalogue entry to a checkpoint folder: download, verify, unpack, complete, rename.

    CACHE/rq-cc3m/                            the folder, which only ever appears whole
    CACHE/downloads/rq-cc3m/cc3m.tar.gz       the archive; `.partial` on its way, `.sha256` its record

A process that works on a profile locks the profile's folder of downloads.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.operations.weights import checksums
from scripts.operations.weights.archive import RefusedArchiveError, unpack
from scripts.operations.weights.catalogue import ArchiveProfile, RemoteFile
from scripts.operations.weights.checksums import Checksum
from scripts.operations.weights.errors import DamagedFileError, DownloadError
from scripts.operations.weights.mirror import through
from scripts.operations.weights.transfer import Transfer, TransferOptions

STAGING = ".unpacking-"


@dataclass(frozen=True)
class Retrieval:
    """One checkpoint's way into the cache.

    Args:
        cache: folder of all downloads.
        mirror: address in place of the publishers' scheme and host.
        sha256: what the user expects of the archive, in hex.
        keep_archive: leave the archive in the cache after unpacking.
    """

    profile: ArchiveProfile
    cache: Path
    options: TransferOptions
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

    def run(self) -> Path:
        """Bring the checkpoint into the cache if it is not there; return its folder.

        Raises:
            DownloadError: it could not be had, or is not what was expected.
        """
        self.downloads.mkdir(parents=True, exist_ok=True)
        with _alone(self.downloads):
            if self.folder.exists():
                self._check_folder()
                return self.folder
            self._clear_staging()
            for file in self.profile.vocabulary:  # first: small, and the mirror may lack it
                self._obtain(file, self.downloads / file.name)
            staging = Path(tempfile.mkdtemp(dir=self.downloads, prefix=STAGING))
            try:
                checkpoint = self._unpacked(staging)
                self._add_vocabulary(checkpoint)
                os.replace(checkpoint, self.folder)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
            if not self.keep_archive:
                self._tidy()
        return self.folder

    def _check_folder(self) -> None:
        """Check an earlier run's folder: whole, and of the archive that the user expects."""
        again = f"remove {self.folder} and run the command again"
        missing = self._missing(self.folder)
        if missing:
            raise DownloadError(f"{self.folder} lacks {', '.join(missing)}: {again}")
        recorded = checksums.read_record(self.archive)
        if self.sha256 and recorded and recorded.value != self.sha256:
            raise DownloadError(
                f"{self.folder} was unpacked from an archive with {recorded}: {again}"
            )

    def _missing(self, folder: Path) -> list[str]:
        return [name for name in self.profile.whole if not (folder / name).is_file()]

    def _clear_staging(self) -> None:
        """Remove what a killed run left: the lock says that nobody else is here."""
        for left in self.downloads.glob(f"{STAGING}*"):
            shutil.rmtree(left, ignore_errors=True)

    def _unpacked(self, staging: Path) -> Path:
        """The checkpoint's folder within `staging`, from a verified archive; two tries."""
        try:
            return self._unpack(staging / "first")
        except DamagedFileError as damage:
            # without a published checksum, gzip's own is the first to notice
            print(f"{damage}; downloading it once more", flush=True)
        return self._unpack(staging / "second")

    def _unpack(self, folder: Path) -> Path:
        """Obtain the archive and unpack it; one that is damaged or refused is removed."""
        self._obtain(self.profile.archive, self.archive)
        folder.mkdir()
        print(f"{self.archive.name}  unpacking", flush=True)
        try:
            unpack(self.archive, folder)
        except (DamagedFileError, RefusedArchiveError):
            self.archive.unlink()
            raise
        checkpoint = self._checkpoint(folder)
        if self.sha256 or checksums.read_record(self.archive) is None:
            checksums.write_record(self.archive)
        return checkpoint

    def _checkpoint(self, folder: Path) -> Path:
        """The checkpoint: `folder` or the one that the archive wraps around it."""
        for candidate in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
            if all((candidate / name).is_file() for name in self.profile.files):
                return candidate
        raise DownloadError(f"{self.archive} does not hold {', '.join(self.profile.files)}")

    def _add_vocabulary(self, checkpoint: Path) -> None:
        for file in self.profile.vocabulary:
            folder = checkpoint / "tokenizer"
            folder.mkdir(exist_ok=True)
            shutil.copyfile(self.downloads / file.name, folder / file.name)

    def _tidy(self) -> None:
        """Remove what the finished folder has; the record stays for a later download."""
        for file in (self.profile.archive, *self.profile.vocabulary):
            (self.downloads / file.name).unlink()

    def _obtain(self, file: RemoteFile, target: Path) -> None:
        """Have a verified file at `target`: one that is there already, or a download, twice at most.

        Raises:
            DownloadError: no download succeeded, or two had another checksum; nothing is left of them.
        """
        expected = self._expected(file, target)
        for last in (False, True):
            if not target.is_file():
                url = through(self.mirror, file.url)
                Transfer(url, target, self.options, unpacks=target == self.archive).run()
            wrong = next((checksum for checksum in expected if not checksum.fits(target)), None)
            if wrong is None:
                return
            actual = checksums.digest(target, wrong.algorithm)
            target.unlink()
            found = f"{file.name} has {wrong.algorithm} {actual}, not {wrong.value}, {wrong.source}"
            if last:
                raise DownloadError(f"{found}; it is removed, like the one before")
            print(f"{found}; it is removed and downloaded afresh", flush=True)

    def _expected(self, file: RemoteFile, target: Path) -> list[Checksum]:
        """Every checksum that a file must have; the user's takes the place of a record."""
        expected = [file.checksum] if file.checksum else []
        if target == self.archive:
            users = Checksum("sha256", self.sha256, "given with --sha256") if self.sha256 else None
            known = users or checksums.read_record(target)
            expected += [known] if known else []
        return expected


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder against other processes; the lock ends with the process, however it ends."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DownloadError(f"another process is downloading to {folder}") from None
        yield
    finally:
        os.close(handle)
