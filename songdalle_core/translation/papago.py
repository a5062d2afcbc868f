"""Papago, the translation API of NAVER Cloud, over HTTP.

Protocol: "Papago Translation", api.ncloud-docs.com: POST of source, target and text (5,000 characters a call)
with two key headers; errors come in two shapes, the service's own and its gateway's.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx2
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    wait_exponential_jitter,
)

from songdalle_core.hangul import contains_hangul
from songdalle_core.retry_after import parse_retry_after
from songdalle_core.translation.breaker import CircuitBreaker, CircuitOpen
from songdalle_core.translation.translator import Translation

URL = "https://papago.apigw.ntruss.com/nmt/v1/translation"
KEY_ID_VARIABLE = "NCP_APIGW_API_KEY_ID"
KEY_VARIABLE = "NCP_APIGW_API_KEY"
MAX_CHARS = 5_000
MAX_ANSWER_BYTES = 1_000_000

_SENTENCE_END = re.compile(r"(?<=[.!?…。])\s+|\n+")
_SPACE = re.compile(r"\s+")


class PapagoError(RuntimeError):
    """Papago did not translate a text.

    Attributes:
        again: whether the same call may succeed later.
        pause_s: seconds that Papago asks to wait before that.
    """

    def __init__(self, message: str, *, again: bool = False, pause_s: float = 0.0) -> None:
        super().__init__(message)
        self.again = again
        self.pause_s = pause_s


@dataclass(frozen=True)
class Keys:
    """Credentials of an application of NAVER Cloud; neither is shown when printed."""

    key_id: str
    key: str

    def __repr__(self) -> str:
        return "Keys(...)"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Keys:
        """The keys in NCP_APIGW_API_KEY_ID and NCP_APIGW_API_KEY.

        Raises:
            ValueError: one is not set.
        """
        names = (KEY_ID_VARIABLE, KEY_VARIABLE)
        values = [environment.get(name, "").strip() for name in names]
        missing = [name for name, value in zip(names, values, strict=True) if not value]
        if missing:
            raise ValueError(
                f"Papago needs the keys of an application of NAVER Cloud: set {' and '.join(missing)} "
                "in the environment of the translator's replica"
            )
        return cls(*values)


@dataclass(frozen=True)
class PapagoLimits:
    """Time-outs and retries.

    Attributes:
        timeout_s: seconds of one try.
        deadline_s: seconds of a text, all tries and pauses together.
        attempts: tries of a call before it counts as failed.
        backoff_s: pause before the second try; it doubles before each further one, with jitter.
        connections: calls under way at once.
    """

    timeout_s: float = 5.0
    deadline_s: float = 12.0
    attempts: int = 3
    backoff_s: float = 0.5
    connections: int = 8

    def __post_init__(self) -> None:
        if min(self.timeout_s, self.deadline_s, self.attempts, self.connections) <= 0:
            raise ValueError(f"every limit of {self} must be above 0")


class PapagoTranslator:
    """Translates Korean through the API; texts of a batch are sent side by side.

    Nothing is sent before the first translation.

    Args:
        keys: of the application.
        limits: time-outs and retries.
        breaker: refuses calls while the service keeps failing.
        url: of the service.
        sleep: called with the seconds between two tries.
    """

    name = "papago"

    def __init__(
        self,
        keys: Keys,
        limits: PapagoLimits | None = None,
        breaker: CircuitBreaker | None = None,
        url: str = URL,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits or PapagoLimits()
        self._breaker = breaker or CircuitBreaker()
        self._url, self._sleep = url, sleep
        headers = {"x-ncp-apigw-api-key-id": keys.key_id, "x-ncp-apigw-api-key": keys.key}
        connections = httpx2.Limits(max_connections=self._limits.connections)
        self._client = httpx2.Client(headers=headers, limits=connections)
        self._pool = ThreadPoolExecutor(self._limits.connections, "papago")

    def translate_many(self, texts: Sequence[str]) -> list[Translation]:
        """English for each text; those without Korean pass through and are not sent.

        Raises:
            PapagoError: a text was not translated.
            CircuitOpen: the service has failed too often just now.
        """
        outcomes = self.attempt_many(texts)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
        return [outcome for outcome in outcomes if isinstance(outcome, Translation)]

    def attempt_many(self, texts: Sequence[str]) -> list[Translation | PapagoError | CircuitOpen]:
        """As `translate_many`, but with errors in the places of the texts that have none."""
        end = time.monotonic() + self._limits.deadline_s
        calls = [
            self._pool.submit(self._breaker.call, self._translate, text, end)
            if contains_hangul(text)
            else text
            for text in texts
        ]
        return [self._outcome(call, end) for call in calls]

    def _outcome(
        self, call: Future[Translation] | str, end: float
    ) -> Translation | PapagoError | CircuitOpen:
        if isinstance(call, str):
            return Translation(call, passthrough=True)
        try:
            return call.result(timeout=max(0.0, end - time.monotonic()))
        except (PapagoError, CircuitOpen) as error:
            return error
        except TimeoutError:
            call.cancel()
            return PapagoError(f"no answer within {self._limits.deadline_s:g} s", again=True)

    def _translate(self, text: str, end: float) -> Translation:
        parts = [self._retry(piece, end) for piece in split_text(text, MAX_CHARS)]
        return Translation(" ".join(parts))

    def _retry(self, text: str, end: float) -> str:
        """Ask, and retry transient failures with exponential back-off until the deadline `end`."""
        first = self._limits.backoff_s
        backoff = wait_exponential_jitter(
            multiplier=first, max=self._limits.deadline_s, jitter=first
        )

        def exhausted(state: RetryCallState) -> bool:
            late = time.monotonic() + state.upcoming_sleep >= end
            return late or state.attempt_number >= self._limits.attempts

        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, PapagoError) and error.again),
            wait=lambda state: max(_asked_pause(state), backoff(state)),
            stop=exhausted,
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._ask, text, end)

    def _ask(self, text: str, end: float) -> str:
        seconds = min(self._limits.timeout_s, end - time.monotonic())
        if seconds <= 0:
            raise PapagoError("no time was left to ask", again=True)
        until = time.monotonic() + seconds
        body = {"source": "ko", "target": "en", "text": text}
        try:
            with self._client.stream("POST", self._url, json=body, timeout=seconds) as response:
                answer = b"".join(_bounded(response.iter_bytes(), until))
        except httpx2.HTTPError as error:
            raise PapagoError(f"no answer: {type(error).__name__}", again=True) from error
        if response.status_code != 200:
            raise _refusal(response.status_code, response.headers, answer)
        return _translated(answer)


def split_text(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit` characters, cut between sentences, else words, else anywhere.

    Space at the cuts is dropped.
    """
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        window = rest[: limit + 1]
        cuts = list(_SENTENCE_END.finditer(window)) or list(_SPACE.finditer(window))
        fitting = [cut for cut in cuts if 0 < cut.start() <= limit]
        begin, end = fitting[-1].span() if fitting else (limit, limit)
        pieces.append(rest[:begin])
        rest = rest[end:].lstrip()
    return [*pieces, rest] if rest else pieces


def _bounded(chunks: Iterator[bytes], until: float) -> Iterator[bytes]:
    """The chunks, bounded in time and size: httpx limits each wait, not their sum.

    Raises:
        PapagoError: the time `until` is past, or the body exceeds `MAX_ANSWER_BYTES`.
    """
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if time.monotonic() > until:
            raise PapagoError("the answer came too slowly", again=True)
        if size > MAX_ANSWER_BYTES:
            raise PapagoError(f"the answer is larger than {MAX_ANSWER_BYTES} bytes")
        yield chunk


def _asked_pause(state: RetryCallState) -> float:
    """Seconds that Papago asked to wait in the answer of the last try."""
    error = state.outcome.exception() if state.outcome else None
    return error.pause_s if isinstance(error, PapagoError) else 0.0


def _translated(answer: bytes) -> str:
    try:
        text = json.loads(answer)["message"]["result"]["translatedText"]
    except (ValueError, KeyError, TypeError) as error:
        raise PapagoError("the answer is not one of Papago's", again=True) from error
    if not isinstance(text, str) or not text.strip():
        raise PapagoError("the answer holds no translation")
    return text.strip()


def _refusal(status: int, headers: Mapping[str, str], answer: bytes) -> PapagoError:
    """The error of an answer in either shape; a body in neither is not shown, as it may be anything."""
    code, detail = _error_fields(answer)
    message = f"Papago answered {status}" + (f", {code}: {detail}" if code else "")
    if status in (401, 403):
        message += f"; check {KEY_ID_VARIABLE} and {KEY_VARIABLE}"
    if status == 429:
        message += "; the quota is used up, or the application has not ticked Papago Translation"
    again = status in (408, 429) or status >= 500
    pause = parse_retry_after(headers.get("retry-after")) or 0.0
    return PapagoError(message, again=again, pause_s=pause)


def _error_fields(answer: bytes) -> tuple[str, str]:
    """Error code and message of an answer in either shape; both empty where there are none."""
    try:
        body: Any = json.loads(answer)
    except ValueError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    error = body.get("error")
    if isinstance(error, dict):
        return str(error.get("errorCode", "")), str(error.get("message", ""))
    return str(body.get("errorCode", "")), str(body.get("errorMessage", ""))
