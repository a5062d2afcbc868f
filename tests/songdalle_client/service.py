"""A service that speaks the HTTP contract, cuts connections on demand, and records its requests."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from PIL import Image

PROMPT = "a painting of a lamp on the hill, behind it the sea with all its small boats. a mood of calmness"
CREATED = "2026-11-24T18:22:49.568389Z"
WORDS = {"dropped": [], "borrowed": {}, "pictured": [], "rude_removed": 0, "repeats_removed": 0}


def picture(shade: int, kind: str = "PNG") -> bytes:
    """A small picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (shade % 256, 90, 160)).save(file, format=kind)
    return file.getvalue()


def data_url(shade: int) -> str:
    return "data:image/webp;base64," + base64.b64encode(picture(shade, "WEBP")).decode()


def cover_set(job: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request."""
    count = body.get("candidates", 12)
    return {
        "id": job,
        "created_at": CREATED,
        "status": "done",
        "title": body.get("title"),
        "artist": body.get("artist"),
        "lyrics": body["lyrics"],
        "language": "en",
        "summary": "a lamp on the hill",
        "translation": "a lamp on the hill",
        "words": WORDS,
        "sentiment": {"label": "Calmness", "scores": {"Calmness": 1.0}},
        "style": body.get("style", "painting"),
        "prompt": "a painting of a lamp on the hill",
        "seed": body.get("seed", 5),
        "models": {"generator": "fake"},
        "timings": {"summarize": 0.01, "generate": 0.5, "total": 0.6},
        "covers": [
            {"rank": n, "score": 20.0 - n, "seed": n, "url": f"/v1/covers/{job}/images/{n}.png"}
            for n in range(1, count + 1)
        ],
        "withheld": 0,
        "notice": "Image created by AI",
    }


def problem(status: int, detail: str = "", **more: Any) -> dict[str, Any]:
    fields = {
        "type": "about:blank",
        "title": "No",
        "instance": "/",
        "request_id": "r-7",
        "errors": [],
    }
    return fields | {"status": status, "detail": detail or f"a problem of kind {status}"} | more


@dataclass
class Job:
    """One request and all its events."""

    id: str
    body: dict[str, Any]
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    cancelled: bool = False

    def complete(self) -> None:
        """Fill in the events of a job that succeeds."""
        count = self.body.get("candidates", 12)
        url = f"/v1/covers/{self.id}"
        queued = {"id": self.id, "url": url, "events_url": f"{url}/events", "estimate_seconds": 2.0}
        self.events += [
            ("queued", queued | {"position": 1}),
            ("queued", queued | {"position": 0}),
            ("cleaned", {"language": "en", "lines": 1}),
            ("summary", {"summary": "a lamp on the hill"}),
            ("sentiment", {"label": "Calmness", "scores": {"Calmness": 1.0}}),
            ("translation", {"translation": "a lamp on the hill", "words": WORDS}),
            ("prompt", {"prompt": "a painting of a lamp on the hill"}),
            ("of a newer service", {"x": 1}),
        ]
        for n in range(count):
            picture_fields = {"candidate": n, "seed": n + 1, "image": data_url(n)}
            self.events.append(("preview", picture_fields | {"fraction": 0.5}))
        for n in range(count):
            picture_fields = {"candidate": n, "seed": n + 1, "image": data_url(n)}
            self.events.append(("cover", picture_fields | {"score": 19.0 - n}))
        self.events.append(("done", cover_set(self.id, self.body)))


class FakeService:
    """Runs on a thread of its own.

    Args:
        cuts: for each connection in turn, after how many events to cut it; None, and any later one: not.
        holds: keep every stream waiting after so many events until its job is cancelled.
        refusals: statuses to answer the first requests with.
        streams: whether it streams at all.
        ending: the last event in place of "done".
        before: seconds before it answers a request for covers.
        missing: whether pictures are not there.
    """

    def __init__(
        self,
        *,
        cuts: Sequence[int | None] = (),
        holds: int | None = None,
        refusals: Sequence[int] = (),
        streams: bool = True,
        ending: tuple[str, Any] | None = None,
        before: float = 0.0,
        missing: bool = False,
    ) -> None:
        self.jobs: dict[str, Job] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.keys: dict[str, Job] = {}
        self.releases: list[dict[str, Any]] = []
        self.holding = threading.Event()
        self._cuts = list(cuts)
        self._holds = holds
        self._refusals = list(refusals)
        self._streams = streams
        self._ending = ending
        self._before = before
        self._missing = missing
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> FakeService:
        self._thread.start()
        assert self._started.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(30)

    @property
    def calls(self) -> list[str]:
        """Method and path of each request."""
        return [f"{method} {path}" for method, path, _ in self.requests]

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        app = web.Application(middlewares=[self._noted])
        app.router.add_post("/v1/covers", self._post)
        app.router.add_get("/v1/covers", self._history)
        app.router.add_get("/v1/covers/{id}", self._get)
        app.router.add_delete("/v1/covers/{id}", self._delete)
        app.router.add_get("/v1/covers/{id}/events", self._events)
        app.router.add_get("/v1/covers/{id}/images/{rank}.png", self._image)
        app.router.add_post("/v1/covers/{id}/images/{rank}/release", self._release)
        app.router.add_get("/v1/songs", self._songs)
        app.router.add_get("/v1/songs/{id}", self._song)
        app.router.add_get("/readyz", self._ready)
        runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._started.set()
        await self._end.wait()
        await runner.cleanup()

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs, dict(request.headers)))
        if self._refusals:
            return refusal(self._refusals.pop(0))
        try:
            return await handler(request)
        except KeyError:
            return refusal(404, "there is no such job")

    async def _post(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        key = request.headers.get("Idempotency-Key")
        job = self.keys.get(key or "")
        if job is None:
            job = Job(f"{len(self.jobs) + 1:032x}", body)
            job.complete()
            if self._ending is not None:
                job.events[-1] = self._ending
            self.jobs[job.id] = job
            if key:
                self.keys[key] = job
        assert job.body == body
        await asyncio.sleep(self._before)
        if "respond-async" in request.headers.get("Prefer", ""):
            return web.json_response(self._status(job), status=202)
        if self._streams and "text/event-stream" in request.headers["Accept"]:
            return await self._stream(request, job, 0)
        return web.json_response(job.events[-1][1])

    async def _events(self, request: web.Request) -> web.StreamResponse:
        after = int(request.headers.get("Last-Event-ID", "0"))
        return await self._stream(request, self.jobs[request.match_info["id"]], after)

    async def _stream(self, request: web.Request, job: Job, after: int) -> web.StreamResponse:
        cut = self._cuts.pop(0) if self._cuts else None
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        if cut != -1:
            await response.prepare(request)
            await response.write(b": heartbeat\n\n")
        for number, (name, data) in enumerate(job.events, 1):
            if number == self._holds and await self._hold(job):
                await response.write(event(number, "failed", problem(409, "the job was cancelled")))
                return response
            if cut is not None and number > after + cut:
                assert request.transport is not None
                request.transport.abort()
                return response
            if number > after:
                await response.write(event(number, name, data))
        return response

    async def _hold(self, job: Job) -> bool:
        """Wait until the job is cancelled or streams are let go; True for the former."""
        self.holding.set()
        while not job.cancelled and self._holds is not None:
            await asyncio.sleep(0.01)
        return job.cancelled

    def release(self) -> None:
        """Hold no stream any more."""
        self._holds = None

    def hurry(self) -> None:
        """Answer further requests for covers at once."""
        self._before = 0.0

    def refuse(self, *statuses: int) -> None:
        """Answer the next requests with these."""
        self._refusals = list(statuses)

    async def _release(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.releases.append(asked)
        facts = {
            "layout": asked.get("layout") or "corner",
            "size": asked["size"],
            "bytes": 11_000_000 if asked["format"] == "png" else 4,
            "fits": asked["format"] != "png",
            "quality": None if asked["format"] == "png" else 95,
            "made": "finished anew",
            "notice": "visible" if asked["notice"] else "metadata",
            "signed": False,
            "contrast": 4.5,
        }
        headers = {"X-Release": json.dumps(facts)}
        kind = f"image/{asked['format']}"
        face = asked.get("face", "front").encode()
        return web.Response(body=face, content_type=kind, headers=headers)

    async def _get(self, request: web.Request) -> web.Response:
        job = self.jobs[request.match_info["id"]]
        done = self._holds is None and not job.cancelled
        return web.json_response(job.events[-1][1] if done else self._status(job))

    def _status(self, job: Job) -> dict[str, Any]:
        status = "cancelled" if job.cancelled else "running"
        return {"id": job.id, "status": status, "created_at": CREATED, "position": 0}

    async def _delete(self, request: web.Request) -> web.Response:
        job = self.jobs[request.match_info["id"]]
        if job.cancelled or self._holds is None:
            if request.query.get("unfinished") != "true":
                del self.jobs[job.id]
        else:
            job.cancelled = True
        return web.Response(status=204)

    async def _image(self, request: web.Request) -> web.Response:
        if self._missing or request.match_info["id"] not in self.jobs:
            return refusal(404, "there is no such picture")
        shade = 20 * int(request.match_info["rank"])
        return web.Response(body=picture(shade), content_type="image/png")

    async def _history(self, request: web.Request) -> web.Response:
        rows = [
            {"id": job.id, "created_at": CREATED, "title": "Lamp", "artist": "\x1b[31mWicks",
             "summary": "s", "prompt": PROMPT, "mood": "Calmness", "style": None, "image_url": None}
            for job in self.jobs.values()
        ]  # fmt: skip
        return web.json_response({"covers": rows, "next": "cursor-2" if rows else None})

    async def _songs(self, request: web.Request) -> web.Response:
        songs = [] if request.query["q"] == "nothing" else [SONG]
        return web.json_response({"songs": songs})

    async def _song(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != SONG["id"]:
            return refusal(404, "there is no such song")
        return web.json_response(SONG | {"lyrics": "a lamp on the hill"})

    async def _ready(self, request: web.Request) -> web.Response:
        return web.json_response({"ready": True, "stages": {}})


SONG = {
    "id": "lrclib:47", "provider": "lrclib", "title": "등불", "artist": "심지", "album": None,
    "seconds": 191,
}  # fmt: skip


def event(number: int, name: str, data: Any) -> bytes:
    line = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return f"id: {number}\nevent: {name}\ndata: {line}\n\n".encode()


def refusal(status: int, detail: str = "") -> web.Response:
    headers = {"Retry-After": "3"} if status in (429, 503) else {}
    fields = [{"field": "style", "message": "too long"}] if status == 422 else []
    body = json.dumps(problem(status, detail, errors=fields))
    kind = "application/problem+json"
    return web.Response(text=body, status=status, headers=headers, content_type=kind)
