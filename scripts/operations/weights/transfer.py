"""One file's way from an HTTP address to the disk, resumed wherever it was cut.

Bytes go to `<name>.partial`; `<name>.partial.json` says which version of the file they are of. The
last step renames, so that `<name>` is always whole.
"""

from __future__ import annotations

import http.client
import os
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import sleep

from scripts.operations.weights import disk
from scripts.operations.weights.errors import DownloadError
from scripts.operations.weights.progress import Progress
from scripts.operations.weights.versions import Version

CHUNK = 1 << 20
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_PAUSE = 300.0  # seconds, whatever a server asks for
GOOD_STEP = 16_000_000  # bytes: an attempt that brought so many was no failure
UNPACKED = 1.15  # bytes on disk per byte of a gzipped checkpoint: weights hardly compress
CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True)
class TransferOptions:
    """How patient a transfer is.

    Args:
        timeout: seconds to wait for a connection, and for the next bytes.
        retries: further attempts after one that failed, before giving up.
    """

    timeout: float = 30.0
    retries: int = 5


class _Interrupted(Exception):
    """An attempt ended early; another may succeed, `after` seconds from now if the server said."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class _OtherVersion(Exception):
    """The partial file cannot be continued."""


class Transfer:
    """The download of `url` to `target`.

    Args:
        unpacks: whether room for the unpacked contents is needed as well.
    """

    def __init__(
        self, url: str, target: Path, options: TransferOptions, *, unpacks: bool = False
    ) -> None:
        self.url = url
        self.target = target
        self.partial = target.with_name(target.name + ".partial")
        self._version_file = target.with_name(target.name + ".partial.json")
        self._options = options
        self._unpacks = unpacks
        self._progress = Progress(target.name)

    @property
    def received(self) -> int:
        """Bytes in the partial file."""
        return self.partial.stat().st_size if self.partial.is_file() else 0

    def run(self) -> None:
        """Download, from where an earlier run stopped.

        Raises:
            DownloadError: the server refuses, or the retries are used up; what arrived is kept.
            SpaceError: the disk is too small.
        """
        failures = 0
        while True:
            before = self.received
            try:
                self._attempt()
                break
            except _Interrupted as fault:
                failures = 1 if self.received - before >= GOOD_STEP else failures + 1
                if failures > self._options.retries:
                    raise DownloadError(self._gave_up(fault, failures)) from None
                self._wait(fault, failures)
        os.replace(self.partial, self.target)
        self._version_file.unlink(missing_ok=True)

    def _gave_up(self, fault: _Interrupted, failures: int) -> str:
        times = "once" if failures == 1 else f"{failures} times in a row"
        kept = f"; {disk.readable(self.received)} are kept, run the command again to resume"
        return f"{self.url} failed {times}: {fault}{kept if self.received else ''}"

    def _wait(self, fault: _Interrupted, failures: int) -> None:
        """Back off: 1, 2, 4 ... seconds, or as long as the server asked for."""
        pause = min(fault.after or 2.0 ** min(failures - 1, 10), LONGEST_PAUSE)
        turn = f"retry {failures} of {self._options.retries} in {pause:g} s"
        self._progress.note(f"{fault}; {turn}")
        sleep(pause)

    def _attempt(self) -> None:
        known = Version.load(self._version_file)
        if self.received and known is not None:
            if self.received == known.size:
                return  # stopped between the last byte and the new name
            try:
                return self._request(self.received, known)
            except _OtherVersion:
                self._progress.note("the file on the server is another one now; starting again")
        self.partial.unlink(missing_ok=True)
        self._request(0, Version())

    def _request(self, start: int, known: Version) -> None:
        """Ask for the bytes from `start` on and write what comes."""
        request = urllib.request.Request(self.url, headers={"User-Agent": "song-dalle"})
        if start:
            request.add_header("Range", f"bytes={start}-")
            if known.validator:
                request.add_header("If-Range", known.validator)
        try:
            answer = urllib.request.urlopen(request, timeout=self._options.timeout)
        except urllib.error.HTTPError as refused:
            raise self._refused(refused, start) from None
        except (OSError, http.client.HTTPException, UnicodeError) as fault:
            raise _network_fault(fault, self.url) from None
        with answer:
            self._receive(answer, start, known)

    def _refused(self, refused: urllib.error.HTTPError, start: int) -> Exception:
        with refused:
            if refused.code == 416 and start:
                return _OtherVersion()
            said = f"HTTP {refused.code} {refused.reason}".strip()
            if refused.code in BUSY:
                return _Interrupted(said, _retry_after(refused.headers.get("Retry-After")))
            return DownloadError(f"{self.url} answered {said}: try a mirror with --mirror URL")

    def _receive(self, answer: http.client.HTTPResponse, start: int, known: Version) -> None:
        if answer.status == 206 and start:
            size = _whole_size(answer, start)
            if not known.agrees(Version.of(answer.headers, size)):
                raise _OtherVersion
            size = size or known.size
        elif answer.status == 200:
            start, size = 0, _length(answer)
        else:
            raise DownloadError(f"{self.url} answered HTTP {answer.status}, which nobody asked for")
        self._check_space(start, size)
        Version.of(answer.headers, size).save(self._version_file)
        self._write(answer, start, size)

    def _check_space(self, start: int, size: int | None) -> None:
        if size is None:
            return
        needed, purpose = float(size - start), f"downloading {self.target.name}"
        if self._unpacks:
            needed, purpose = needed + UNPACKED * size, f"{purpose} and unpacking it"
        disk.require(self.target.parent, needed, purpose)

    def _write(self, answer: http.client.HTTPResponse, start: int, size: int | None) -> None:
        at = start
        self._progress.begin(start, size)
        try:
            with self.partial.open("ab" if start else "wb") as file:
                for chunk in _chunks(answer, None if size is None else size - start):
                    file.write(chunk)
                    at += len(chunk)
                    self._progress.update(at)
        finally:
            self._progress.end(at)
        if size is not None and at < size:
            cut = f"{disk.readable(at)} of {disk.readable(size)}"
            raise _Interrupted(f"the connection ended after {cut}")


def _chunks(answer: http.client.HTTPResponse, length: int | None) -> Iterator[bytes]:
    """The answer's bytes as they come, `length` at most.

    `read1` hands over what has arrived: `read` would lose it to a timeout.
    """
    left = length
    while left is None or left > 0:
        try:
            chunk = answer.read1(CHUNK if left is None else min(CHUNK, left))
        except (OSError, http.client.HTTPException) as fault:
            raise _network_fault(fault, answer.url) from None
        if not chunk:
            return
        left = None if left is None else left - len(chunk)
        yield chunk


def _network_fault(fault: Exception, url: str) -> Exception:
    """The exception to raise for one of the network's."""
    reason = fault.reason if isinstance(fault, urllib.error.URLError) else fault
    if isinstance(reason, ssl.SSLCertVerificationError):
        return DownloadError(f"{url}: the certificate is not trusted ({reason.verify_message})")
    if isinstance(reason, UnicodeError | http.client.InvalidURL):
        return DownloadError(f"{url} is no address that can be used: {reason}")
    if isinstance(reason, TimeoutError):
        return _Interrupted("the server was silent for too long")
    return _Interrupted(str(reason) or type(reason).__name__)


def _length(answer: http.client.HTTPResponse) -> int | None:
    text = answer.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None


def _whole_size(answer: http.client.HTTPResponse, start: int) -> int | None:
    """The whole file's size by `Content-Range`, None if it says `*`."""
    match = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != start:
        raise _OtherVersion
    return None if match[2] == "*" else int(match[2])


def _retry_after(text: str | None) -> float | None:
    """Seconds to wait by a `Retry-After` header, which holds seconds or a date."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
