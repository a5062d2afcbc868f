"""Models of huggingface.co, through its own client, which resumes, and checks lengths.

The client keeps each file under its checksum: the SHA-256 of a large file, git's object id of a small one.
They are compared here, because the client does not.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from scripts.operations.weights.catalogue import HubProfile
from scripts.operations.weights.checksums import SHA256, digest
from scripts.operations.weights.errors import DamagedFileError, DownloadError

GIT_ID = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class HubRetrieval:
    """One model's way into the hub's cache.

    Args:
        cache: folder for the hub's files; None is the hub's own cache, where every library looks.
        endpoint: address in place of the hub's; None is HF_ENDPOINT or huggingface.co.
        timeout: seconds to wait for the hub to say what it has.
    """

    profile: HubProfile
    cache: Path | None = None
    endpoint: str | None = None
    timeout: float = 30.0

    def run(self) -> Path:
        """Bring the model into the cache; return its folder. HF_HUB_OFFLINE allows no request.

        Raises:
            DownloadError: it could not be had.
            DamagedFileError: a file differs from its checksum, also when downloaded afresh.
        """
        folder = self._complete()
        damaged = remove_damaged(folder)
        if damaged:
            print(f"{', '.join(damaged)}: damaged and removed, downloading once more", flush=True)
            folder = self._complete()
            damaged = remove_damaged(folder)
        if damaged:
            raise DamagedFileError(
                f"{self.profile.repository}: {', '.join(damaged)} came damaged twice: removed"
            )
        return folder

    def _complete(self) -> Path:
        """The small files, and the weights in the first format that the repository has."""
        for weights in self.profile.weights:
            folder = self._snapshot([*self.profile.files, weights])
            if (folder / weights).is_file():
                return folder
        names = " nor ".join(self.profile.weights)
        raise DownloadError(f"{self.profile.repository} has neither {names}")

    def _snapshot(self, patterns: list[str]) -> Path:
        # not at the top: it takes a second, and reads HF_* from the environment when imported
        import httpx2
        from huggingface_hub import snapshot_download

        try:
            folder = snapshot_download(
                self.profile.repository,
                cache_dir=self.cache,
                allow_patterns=patterns,
                endpoint=self.endpoint,
                etag_timeout=self.timeout,
                token=False,  # the models are public; a mirror should not see the user's token
            )
        except (OSError, ValueError, httpx2.HTTPError) as fault:
            text = " ".join(str(fault).split()) or type(fault).__name__
            raise DownloadError(f"{self.profile.repository}: {text}") from None
        return Path(folder)


def remove_damaged(folder: Path) -> list[str]:
    """Remove a snapshot's files that differ from their checksum; return their names."""
    damaged = []
    for path in sorted(folder.rglob("*")):
        blob = path.resolve()
        if path.is_file() and blob.parent.name == "blobs" and not _fits(blob):
            blob.unlink()
            path.unlink()
            damaged.append(path.name)
    return damaged


def _fits(blob: Path) -> bool:
    """Whether a file has the checksum that is its name; other names (of mirrors) say nothing."""
    if SHA256.fullmatch(blob.name):
        return digest(blob) == blob.name
    return not GIT_ID.fullmatch(blob.name) or _git_id(blob) == blob.name


def _git_id(path: Path) -> str:
    header = b"blob %d\0" % path.stat().st_size
    return hashlib.sha1(header + path.read_bytes(), usedforsecurity=False).hexdigest()
