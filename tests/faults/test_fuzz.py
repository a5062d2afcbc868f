"""Hostile requests over real connections: every one is answered or refused, and nothing leaks.

Some hundreds; SONGDALLE_FUZZ=20000 sends so many.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx2

from tests.faults.conftest import Report
from tests.faults.hostile import Hostile, hostile
from tests.faults.service import ROOT, Service, await_that

COUNT = int(os.environ.get("SONGDALLE_FUZZ", "400"))
SEED = int(os.environ.get("SONGDALLE_FUZZ_SEED", "1"))
AT_ONCE = 8
PATIENCE = 60.0
LEAKS = (
    b"Traceback", b'File "', b"site-packages", b"sqlalchemy", b"sqlite3.", b"psycopg", b"root:x:0",
    b"ray::", str(ROOT).encode(),
)  # fmt: skip
STATUS = re.compile(rb"\AHTTP/1\.[01] (\d{3})")


def exchange(host: str, port: int, attack: Hostile) -> bytes:
    """All that is answered until the connection is closed; nothing if it is closed without an answer.

    Raises:
        TimeoutError: it hangs.
    """
    answer = bytearray()
    with socket.create_connection((host, port), timeout=PATIENCE) as line:
        try:
            for number, piece in enumerate(attack.pieces):
                time.sleep(attack.pause if number else 0)
                line.sendall(piece)
            if attack.unfinished:
                line.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass  # refused before all was sent: the answer may be there to be read
        try:
            while chunk := line.recv(2**16):
                answer += chunk
        except ConnectionResetError:
            pass
    return bytes(answer)


def judge(seed: int, attack: Hostile, answer: bytes) -> str | None:
    """What is wrong with an answer."""
    where = f"seed {seed} ({attack.kind}): {attack.pieces[0][:200]!r} -> {answer[:600]!r}"
    if any(leak in answer for leak in LEAKS):
        return f"leaks: {where}"
    status_line = STATUS.match(answer)
    if status_line is None:
        return None if attack.broken or not answer else f"no HTTP: {where}"
    status = int(status_line[1])
    if status == 503:
        return None if b"retry-after:" in answer.lower() else f"no Retry-After: {where}"
    return f"{status}: {where}" if status >= 500 else None


def test_hostile_requests(service: Service, report: Report) -> None:
    parts = urlsplit(service.url)
    assert parts.hostname
    assert parts.port
    host, port = parts.hostname, parts.port
    statuses: Counter[str] = Counter()

    def attack(seed: int) -> str | None:
        chosen = hostile(seed)
        try:
            answer = exchange(host, port, chosen)
        except TimeoutError:
            return f"hangs: seed {seed} ({chosen.kind}): {chosen.pieces[0][:200]!r}"
        status_line = STATUS.match(answer)
        statuses[status_line[1].decode() if status_line else "closed"] += 1
        return judge(seed, chosen, answer)

    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        seeds = range(SEED * 10**6, SEED * 10**6 + COUNT)
        wrong = [complaint for complaint in pool.map(attack, seeds) if complaint]
    report(sent=COUNT, seconds=time.monotonic() - began, statuses=dict(statuses), wrong=len(wrong))
    assert not wrong, "\n".join(wrong[:10])
    assert statuses["200"] + statuses["422"] > COUNT / 20, statuses
    await_that(lambda: not service.gauge("requests_in_progress"), lambda: "orphans")
    assert httpx2.get(f"{service.url}/healthz", trust_env=False, timeout=60).status_code == 200
