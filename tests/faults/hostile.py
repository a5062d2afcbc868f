"""Requests that no well-meant client would send, made by the thousand from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

INJECTIONS = (
    "' OR '1'='1' --",
    "'; DROP TABLE jobs; --",
    '" UNION SELECT lyrics FROM jobs --',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "$(id) `id` ; id | id && id",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "file:///etc/passwd",
    "${jndi:ldap://127.0.0.1/a}",
    "%s%s%s%n %x",
    "line\r\nSet-Cookie: a=b\r\n\r\nbody",
    "null\x00byte",
    "\u202egnp.exe \u200b\u2066",
    "\ufeffBOM \ufffe \uffff",
    "e" + "\u0301" * 200,
    "👩‍👩‍👧‍👦" * 20,
    "ﷺ" * 40,
    "ㅋ" * 300,
    "가" * 3000,
    "__import__('os').system('id')",
    "*)(uid=*))(|(uid=*",
    "a" * 20_001,
)
TEXT_FIELDS = ("lyrics", "title", "artist", "style", "prompt", "mood", "response_format")
STRANGE = (
    None,
    True,
    -1,
    0,
    25,
    1e308,
    -(2**63),
    2**64,
    0.1,
    [],
    {},
    [[]],
    "12",
    "NaN",
    {"$ne": 1},
)
TRAVERSALS = (
    "../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "..%252f..%252fetc%252fpasswd",
    "....//....//etc/passwd",
    "%00",
    "0" * 32 + "%0a",
    "0" * 32 + "/../" + "1" * 32,
    "0" * 31,
    "g" * 32,
    "%ff%fe",
    "\u0660" * 32,
    "0" * 5000,
    "*",
    "%",
    "'--",
    ".",
    "~root",
)
METHODS = (
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "G\x01T",
)
PLACES = (
    "/v1/covers/{}",
    "/v1/covers/{}/events",
    "/v1/covers/{}/images/1.png",
    "/v1/covers/" + "0" * 32 + "/images/{}.png",
    "/v1/covers/{}/covers.zip",
    "/v1/covers/{}/ratings",
    "/v1/songs/{}",
    "/{}",
    "/static/{}",
    "/v1/images/{}",
)
WORDS = ("limit", "before", "q", "mood", "x")


@dataclass(frozen=True)
class Hostile:
    """One exchange: what is sent, piece by piece, with a pause before each piece but the first.

    Attributes:
        kind: for reports.
        broken: it is no HTTP, so that a closed connection is an answer.
        unfinished: the rest never comes: the sending side is closed.
    """

    kind: str
    pieces: Sequence[bytes]
    pause: float = 0.0
    broken: bool = False
    unfinished: bool = False


def message(
    method: str, target: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()
) -> bytes:
    """A request as it goes over the line; non-ASCII targets are percent-encoded, as clients do."""
    target = quote(target, safe="/?=&%:;,~*'()!@$+-._<>{}|\\^`[]\"#")
    for character in ' "<>{}|\\^`[]#':
        target = target.replace(character, quote(character))
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    given = {name.lower() for name, _ in headers}
    if body or method in ("POST", "PUT", "PATCH"):
        lines += [f"Content-Length: {len(body)}"] if "content-length" not in given else []
        lines += ["Content-Type: application/json"] if "content-type" not in given else []
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def encodings(rng: random.Random) -> Hostile:
    """Bodies in the wrong encoding, or in none."""
    text = json.dumps({"lyrics": "풍선을 타고", "candidates": 1}, ensure_ascii=False)
    body = rng.choice(
        [
            rng.randbytes(rng.randint(0, 300)),
            text.encode("utf-16"),
            text.encode("utf-32"),
            text.encode("cp949"),
            b"\xef\xbb\xbf" + text.encode(),
            text.encode()[: rng.randint(1, 30)],
            text.encode().replace(b"\xed", b"\xff"),
            b'{"lyrics": "\\ud800", "candidates": 1}',
            b'{"lyrics": "\\udfff\\ud800\\u0000", "candidates": 1}',
            b"",
            b"null",
            b'"x"',
        ]
    )
    kind = rng.choice(
        [
            "application/json",
            "application/json; charset=utf-16",
            "APPLICATION/JSON;x=y",
            "text/plain",
            "application/xml",
            "multipart/form-data; boundary=x",
            "application/json, application/json",
            "",
        ]
    )
    return Hostile("encoding", [message("POST", "/v1/covers", body, [("Content-Type", kind)])])


def sizes(rng: random.Random) -> Hostile:
    """Bodies that are too large, or of another length than they say."""
    big = rng.choice([300_000, 1_000_000])
    song = json.dumps({"lyrics": "a" * rng.choice([19_999, 20_001, big]), "candidates": 1}).encode()
    head = [("Content-Length", str(rng.choice([0, 1, 10, 2**31, 2**63, -1])))]
    choice = rng.randrange(3)
    if choice == 0:
        return Hostile("size", [message("POST", "/v1/covers", song + b" " * rng.choice([0, big]))])
    if choice == 1:
        return Hostile(
            "size", [message("POST", "/v1/covers", song[:100], head)], broken=True, unfinished=True
        )
    many = json.dumps({f"k{n}": n for n in range(rng.choice([30, 3000]))}).encode()
    return Hostile("size", [message("POST", "/v1/covers", many)])


def nesting(rng: random.Random) -> Hostile:
    """JSON deeper than any parser's stack."""
    depth = rng.choice([10, 1000, 50_000])
    opening, closing = rng.choice([("[", "]"), ('{"lyrics":', "}")])
    inner = rng.choice(["1", '"x"', "null"])
    body = (opening * depth + inner + closing * depth)[: 250 * 1024]
    return Hostile("nesting", [message("POST", "/v1/covers", body.encode())])


def fields(rng: random.Random) -> Hostile:
    """Injections in every text field, and values of wrong kinds."""
    body: dict[str, object] = {"lyrics": "the sea at night", "candidates": 1}
    for _ in range(rng.randint(1, 3)):
        if rng.random() < 0.6:
            body[rng.choice(TEXT_FIELDS)] = rng.choice(INJECTIONS)
        else:
            name = rng.choice([*TEXT_FIELDS, "candidates", "seed", "top_k", "top_p", "temperature"])
            body[name] = rng.choice(STRANGE)
    if rng.random() < 0.1:
        body[rng.choice(INJECTIONS)[:50]] = "unknown"
    content = json.dumps(body)
    if rng.random() < 0.1:
        content = content.replace(
            '"candidates": 1', f'"candidates": {rng.choice(["NaN", "1e999", "01"])}'
        )
    place = rng.choice(["/v1/covers", "/v1/covers", "/v1/images/generations"])
    return Hostile("field", [message("POST", place, content.encode())])


def paths(rng: random.Random) -> Hostile:
    """Traversal in ids, odd queries, odd methods."""
    target = rng.choice(PLACES).format(rng.choice([*TRAVERSALS, *INJECTIONS[:12]])[:6000])
    if rng.random() < 0.4:
        query = {rng.choice(WORDS): rng.choice([*INJECTIONS[:20], "-1", "999999999999999999999"])}
        pairs = (f"{name}={quote(value[:2000], safe='')}" for name, value in query.items())
        target = rng.choice(["/v1/covers", "/v1/songs", target]) + "?" + "&".join(pairs)
    method = rng.choice(METHODS) if rng.random() < 0.3 else rng.choice(["GET", "PUT"])
    if method == "DELETE" and target.partition("?")[0] == "/v1/covers":
        method = "GET"  # that is no attack but an order: delete all of mine
    return Hostile("path", [message(method, target)], broken=method.endswith("\x01T"))


def headers(rng: random.Random) -> Hostile:
    """Headers that are huge, many, doubled, or meant for somebody else."""
    junk = rng.choice(INJECTIONS).replace("\r\n", " ").replace("\x00", "")[:4000]
    name = rng.choice(
        [
            "Accept", "Accept-Encoding", "Authorization", "Cookie", "Expect", "Forwarded",
            "Idempotency-Key", "If-None-Match", "Last-Event-ID", "Origin", "Prefer", "Range",
            "X-API-Key", "X-Forwarded-For", "X-Request-ID", "X-Session-ID", "traceparent",
            "x-request-timeout-seconds", "x-request-disconnect-disabled",
            "serve_multiplexed_model_id", "Content-Encoding", "Transfer-Encoding", "Upgrade",
        ]
    )  # fmt: skip
    value = rng.choice([junk, "", "0", "-1", "1e309", "*/*;q=9", "gzip", "chunked, chunked"])
    fields = [(name, value)] * rng.choice([1, 1, 2, 60])
    if rng.random() < 0.1:
        fields = [("X-Junk", "j" * rng.choice([9_000, 70_000]))]
    method, target = rng.choice(
        [("GET", "/v1/covers"), ("POST", "/v1/covers"), ("GET", "/healthz")]
    )
    body = json.dumps({"lyrics": "", "candidates": 1}).encode() if method == "POST" else b""
    sent = [message(method, target, body, fields)]
    return Hostile("header", sent, broken=True, unfinished=name == "Transfer-Encoding")


def lines(rng: random.Random) -> Hostile:
    """What is no HTTP at all."""
    raw = rng.choice(
        [
            rng.randbytes(rng.randint(1, 500)),
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET /healthz\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
            b"POST /v1/covers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
            b"POST /v1/covers HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        ]
    )
    return Hostile("line", [raw], broken=True, unfinished=True)


def slowness(rng: random.Random) -> Hostile:
    """Bodies that come drop by drop, or stop coming."""
    song = json.dumps({"lyrics": "", "candidates": 1}).encode()
    whole = message("POST", "/v1/covers", song)
    cut = len(whole) - len(song)
    came = rng.choice([len(song), rng.randint(5, len(song) - 1)])
    pieces = [whole[:cut], *(bytes([byte]) for byte in song[:came])]
    stops = came < len(song)
    return Hostile("slow", pieces, pause=0.02, broken=stops, unfinished=stops)


KINDS: Sequence[tuple[int, Callable[[random.Random], Hostile]]] = (
    (3, encodings),
    (2, sizes),
    (2, nesting),
    (4, fields),
    (5, paths),
    (4, headers),
    (2, lines),
    (1, slowness),
)


def hostile(seed: int) -> Hostile:
    """The request of a seed."""
    rng = random.Random(seed)
    weights = [weight for weight, _ in KINDS]
    return rng.choices([make for _, make in KINDS], weights)[0](rng)
