"""Models of huggingface.co, through its own client, which resumes, and checks lengths.

The client keeps each file under its checksum: the SHA-256 of a large file, git's object id of a small one.
They are compared here, because the client does not.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import httpx2
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from scripts.operations.weights.catalogue import HubProfile
from scripts.operations.weights.transfer import DamagedFileError, DownloadError, digest


def download_model(
    profile: HubProfile,
    cache: Path | None = None,
    endpoint: str | None = None,
    timeout: float = 30.0,
) -> Path:
    """Bring a model into a cache; return its folder. HF_HUB_OFFLINE allows no request.

    Args:
        cache: folder for the hub's files; None is the hub's own cache, where every library looks.
        endpoint: address in place of the hub's; None is HF_ENDPOINT or huggingface.co.
        timeout: seconds to wait for the hub to say what it has.

    Raises:
        DownloadError: it could not be had.
        DamagedFileError: a file differs from its checksum, also when downloaded afresh.
    """
    for last in (False, True):
        folder = _complete(profile, cache, endpoint, timeout)
        damaged = ", ".join(remove_damaged(folder))
        if not damaged:
            return folder
        if not last:
            print(f"{damaged}: damaged and removed, downloading once more", flush=True)
    raise DamagedFileError(f"{profile.repository}: {damaged} came damaged twice: removed")


def _complete(
    profile: HubProfile, cache: Path | None, endpoint: str | None, timeout: float
) -> Path:
    """The small files, and the weights in the first format that the repository has."""
    from huggingface_hub import snapshot_download  # reads HF_* when imported, and takes a second

    # a hub may close an idle connection just as it is used again; the client retries files only
    dropped = retry_if_exception_type((httpx2.RemoteProtocolError, httpx2.ReadError))
    attempts = Retrying(
        retry=dropped, stop=stop_after_attempt(3), wait=wait_exponential(0.2), reraise=True
    )
    try:
        for weights in profile.weights:
            folder = Path(
                attempts(
                    snapshot_download,
                    profile.repository,
                    cache_dir=cache,
                    allow_patterns=[*profile.files, weights],
                    endpoint=endpoint,
                    etag_timeout=timeout,
                    token=False,  # the models are public; a mirror should not see the user's token
                )
            )
            if (folder / weights).is_file():
                return folder
    except (OSError, ValueError, httpx2.HTTPError) as fault:
        reason = " ".join(str(fault).split()) or type(fault).__name__
        raise DownloadError(f"{profile.repository}: {reason}") from None
    raise DownloadError(f"{profile.repository} has neither {' nor '.join(profile.weights)}")


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
    if re.fullmatch(r"[0-9a-f]{64}", blob.name):
        return digest(blob) == blob.name
    if re.fullmatch(r"[0-9a-f]{40}", blob.name):
        content = b"blob %d\0" % blob.stat().st_size + blob.read_bytes()
        return hashlib.sha1(content, usedforsecurity=False).hexdigest() == blob.name
    return True
