"""One file's way from an HTTP address to the disk, resumed wherever it was cut.

Bytes go to `<name>.partial`; `<name>.partial.version` holds the ETag or date of the file that they are of.
The last step renames: `<name>` is always whole, and has the checksums that were asked for.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import httpx2

BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_PAUSE = 300.0  # seconds, whatever a server asks for
GOOD_STEP = 16_000_000  # bytes: an attempt that brought so many was no failure
CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")
LINE_SECONDS = {True: 0.5, False: 20.0}  # between lines of progress, on a terminal or in a log


class DownloadError(RuntimeError):
    """The weights could not be had; trying again at once would not help."""


class DamagedFileError(DownloadError):
    """A file arrived, but not as it was published; it is removed."""


class _Interrupted(Exception):
    """An attempt ended early; another may succeed, `after` seconds from now if the server said."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class _OtherVersion(Exception):
    """The partial file cannot be continued."""


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for a connection and for the next bytes, and failures in a row to bear."""

    timeout: float = 30.0
    retries: int = 5


def readable(count: float) -> str:
    """A number of bytes in decimal units, such as `4.9 GB`."""
    for unit, name, digits in ((1e9, "GB", 1), (1e6, "MB", 1), (1e3, "kB", 0)):
        if count >= unit:
            return f"{count / unit:.{digits}f} {name}"
    return f"{count:.0f} bytes"


def require_space(folder: Path, needed: float, purpose: str) -> None:
    """Check that `needed` bytes are free where `folder` lies.

    Raises:
        DownloadError: saying how much is needed for what, and how much there is.
    """
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DownloadError(
            f"{purpose} needs {readable(needed)} free in {folder}, where {readable(free)} are: "
            "make room or choose another folder with --cache"
        )


def digest(path: Path, algorithm: str = "sha256") -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def verify(path: Path, checksums: Mapping[str, str]) -> None:
    """Remove a file that lacks one of the checksums: `algorithm:hex digits`, and who says so.

    Raises:
        DamagedFileError: it did.
    """
    for checksum, source in checksums.items():
        algorithm, _, value = checksum.partition(":")
        actual = digest(path, algorithm)
        if actual != value:
            path.unlink()
            _version_file(path).unlink(missing_ok=True)
            name = path.name.removesuffix(".partial")
            raise DamagedFileError(
                f"{name} has {algorithm} {actual}, not {value}, {source}; it is removed"
            )


def download(
    url: str, target: Path, patience: Patience, checksums: Mapping[str, str], *, unpacked: float = 0
) -> None:
    """Download `url` to `target`, from where an earlier run stopped.

    Args:
        checksums: as `verify` takes them.
        unpacked: bytes that unpacking takes, per byte of the file; room for them is checked as well.

    Raises:
        DownloadError: the server refuses, the retries are used up, or the disk is too small; what
            arrived is kept.
        DamagedFileError: all of it arrived, and is not what was published.
    """
    partial = target.with_name(f"{target.name}.partial")
    failures = 0
    while True:
        before = _size(partial)
        try:
            _receive(url, partial, patience.timeout, unpacked)
            break
        except _OtherVersion:
            print(f"{target.name}  the server has another version now; starting again", flush=True)
            partial.unlink()
        except (_Interrupted, httpx2.TransportError) as fault:
            reason, arrived = str(fault) or type(fault).__name__, _size(partial)
            failures = 1 if arrived - before >= GOOD_STEP else failures + 1
            if failures > patience.retries or "CERTIFICATE_VERIFY_FAILED" in reason:
                times = "once" if failures == 1 else f"{failures} times in a row"
                kept = f"; {readable(arrived)} are kept, run the command again to resume"
                raise DownloadError(
                    f"{url} failed {times}: {reason}{kept if arrived else ''}"
                ) from None
            pause = min(
                getattr(fault, "after", None) or 2.0 ** min(failures - 1, 10), LONGEST_PAUSE
            )
            turn = f"retry {failures} of {patience.retries} in {pause:g} s"
            print(f"{target.name}  {reason}; {turn}", flush=True)
            sleep(pause)
    verify(partial, checksums)
    partial.replace(target)
    _version_file(partial).unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _version_file(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.version")


def _version(answer: httpx2.Response) -> str:
    """What tells versions of the file apart in `If-Range`: a strong ETag, else the date (RFC 9110, 13.1.5)."""
    tag: str = answer.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _receive(url: str, partial: Path, timeout: float, unpacked: float) -> None:
    """Ask once for the bytes that `partial` lacks, and write what comes."""
    version_file = _version_file(partial)
    version = version_file.read_text(encoding="utf-8") if version_file.is_file() else ""
    start = _size(partial) if version else 0
    headers = {"User-Agent": "song-dalle", "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": version}
    with httpx2.stream(
        "GET", url, headers=headers, timeout=timeout, follow_redirects=True
    ) as answer:
        status, name = answer.status_code, partial.name.removesuffix(".partial")
        part = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if start and status == 416:
            if part and part[2] == str(start):
                return  # an earlier run stopped between the last byte and the new name
            raise _OtherVersion
        if status in BUSY:
            asked = answer.headers.get("Retry-After", "")
            after = float(asked) if asked.isdecimal() else None
            raise _Interrupted(f"HTTP {status} {answer.reason_phrase}", after)
        if start and status == 206:
            if part is None or part[1] != str(start) or _version(answer) != version:
                raise _OtherVersion
        elif status == 200:
            start = 0
            partial.unlink(missing_ok=True)  # before its version is replaced
        else:
            refusal = f"{url} answered HTTP {status} {answer.reason_phrase}".strip()
            raise DownloadError(f"{refusal}: try a mirror with --mirror URL")
        length = answer.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() else None
        if total is not None:
            purpose = f"downloading {name}{' and unpacking it' if unpacked else ''}"
            require_space(partial.parent, total - start + unpacked * total, purpose)
        version_file.write_text(_version(answer), encoding="utf-8")
        _write(answer, partial, start, total)


def _write(answer: httpx2.Response, partial: Path, start: int, total: int | None) -> None:
    """Write a body behind the first `start` bytes, and say how far it is."""
    at, began = start, time.monotonic()
    printed, terminal = began, sys.stdout.isatty()
    name = partial.name.removesuffix(".partial")
    with partial.open("ab" if start else "wb", buffering=0) as file:
        try:
            for chunk in answer.iter_raw():
                file.write(chunk)
                at += len(chunk)
                if time.monotonic() - printed >= LINE_SECONDS[terminal]:
                    printed = time.monotonic()
                    line = progress(at, total, (at - start) / (printed - began))
                    print(f"{name}  {line}", end="   \r" if terminal else "\n", flush=True)
        finally:
            rate = (at - start) / max(time.monotonic() - began, 1e-9)
            print(f"{name}  {progress(at, total, rate)}   ", flush=True)


def progress(at: int, total: int | None, rate: float) -> str:
    """How far a transfer of `total` bytes is, at `rate` bytes a second."""
    speed = f"{rate / 1e6:.1f} MB/s"
    if not total:
        return f"{readable(at)}  {speed}"
    line = f"{100 * at / total:.0f} %  {readable(at)} of {readable(total)}  {speed}"
    if at == total or rate == 0:
        return line
    minutes, seconds = divmod(round((total - at) / rate), 60)
    return f"{line}  {minutes} min {seconds:02d} s left"
