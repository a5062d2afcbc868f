"""What each command does."""

from __future__ import annotations

import argparse
import asyncio
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from rich.console import Console

from songdalle_client.answers import CoverSet, JobStatus
from songdalle_client.errors import ClientError
from songdalle_client.events import Done
from songdalle_client.folder import SHEET, check_folder, save
from songdalle_client.options import NONE, PART
from songdalle_client.progress import CoverProgress
from songdalle_client.releases import ReleaseRequest, describe, pack
from songdalle_client.requests import CoverRequest
from songdalle_client.service import SongDalle
from songdalle_client.stream import CoverStream
from songdalle_client.terminal import plain, print_entry, print_table

MAX_FILE = 2**20  # bytes; the service takes 20,000 characters
WIDE_MARKS = {  # those of UTF-32 first: one of them begins like one of UTF-16
    BOM_UTF32_LE: "utf-32",
    BOM_UTF32_BE: "utf-32",
    BOM_UTF16_LE: "utf-16",
    BOM_UTF16_BE: "utf-16",
}


async def cover(service: SongDalle, args: argparse.Namespace, log: Console) -> None:
    """Draw covers for a song and write them."""
    if args.out is not None:
        check_folder(args.out, overwrite=args.overwrite)
    request = await _read_request(service, args)
    covers = await _follow(service.draw(request), request.candidates, log)
    await _write(service, covers, args, log)


async def more(service: SongDalle, args: argparse.Namespace, log: Console) -> None:
    """Go on from a set: draw covers like one of its covers, a part of one anew, or the song again."""
    if args.out is not None:
        check_folder(args.out, overwrite=args.overwrite)
    made = await service.job(args.id)
    if isinstance(made, JobStatus):
        raise ValueError(f"the job is {made.status}: only a finished set can be gone on from")
    if not made.lyrics:
        raise ValueError("the service keeps no lyrics: draw the song anew with `songdalle cover`")
    fields: dict[str, Any] = {"lyrics": made.lyrics, "title": made.title, "artist": made.artist}
    parent: dict[str, Any] = {"id": made.id}
    if args.rank is not None:
        parent |= {"rank": args.rank, "codes": args.codes}
        parent |= {name: True for name in args.keep or ()}
        if args.part is not None:
            parent["part"] = dict(zip(PART, args.part, strict=True))
    elif args.part is not None:
        raise ValueError("--part is of a cover: name it with --rank")
    else:
        fields["style"] = made.style
    for name in ("style", "mood"):
        if getattr(args, name) is not None:
            fields[name] = getattr(args, name)
    if args.seed is not None:
        fields["seed"] = args.seed
    request = CoverRequest(**fields, candidates=args.candidates, parent=parent)
    await _write(service, await _follow(service.draw(request), args.candidates, log), args, log)


async def get(service: SongDalle, args: argparse.Namespace, log: Console) -> None:
    """Write the covers of a finished job."""
    if args.out is not None:
        check_folder(args.out, overwrite=args.overwrite)
    job = await service.job(args.id)
    if isinstance(job, JobStatus):
        reason = f": {job.error.describe()}" if job.error else ""
        raise ValueError(f"the job is {job.status}{reason}")
    await _write(service, job, args, log)


async def search(service: SongDalle, args: argparse.Namespace, log: Console) -> None:
    """List songs."""
    songs = await service.search(args.query)
    if args.json:
        _print_json({"songs": [song.model_dump(mode="json") for song in songs]})
        return
    if not songs:
        log.print("No song was found.")
        return
    rows = [(s.id, s.title, s.artist, s.album or "", _minutes(s.seconds)) for s in songs]
    print_table(Console(highlight=False), ("id", "title", "artist", "album", ""), rows)


async def history(service: SongDalle, args: argparse.Namespace, log: Console) -> None:
    """List cover sets."""
    page = await service.history(limit=args.limit, before=args.before, q=args.q, mood=args.mood)
    if args.json:
        _print_json(page)
        return
    if not page.covers:
        log.print("There are no covers.")
        return
    out = Console(highlight=False)
    for c in page.covers:
        head = (c.id, f"{c.created_at.astimezone():%Y-%m-%d %H:%M}", c.mood)
        print_entry(
            out, head, (" - ".join(filter(None, (c.artist, c.title))), c.prompt or c.summary)
        )
    if page.next:
        log.print(f"More: --before {plain(page.next)}", markup=False)


async def cancel(service: SongDalle, args: argparse.Namespace, log: Console) -> None:
    """End a job; a finished set stays."""
    job = await service.job(args.id)
    if isinstance(job, CoverSet):
        hint = f"`songdalle delete {plain(job.id)}` deletes its covers"
        raise ValueError(f"the job is done, there is nothing to cancel: {hint}")
    if job.status == "failed":
        raise ValueError("the job has failed, there is nothing to cancel")
    if job.status != "cancelled":
        await service.cancel(args.id)
    _confirm("Cancelled.", args, log)


async def delete(service: SongDalle, args: argparse.Namespace, log: Console) -> None:
    """Delete a set that has ended."""
    job = await service.job(args.id)
    if isinstance(job, JobStatus) and job.status in ("queued", "running"):
        hint = f"`songdalle cancel {plain(job.id)}` ends it"
        raise ValueError(f"the job is {job.status}: {hint}")
    await service.delete(args.id)
    _confirm("Deleted.", args, log)


async def release(service: SongDalle, args: argparse.Namespace, log: Console) -> None:
    """Make a sleeve of a cover, and write it as a zip file."""
    path = args.out or Path(f"release-{_file_part(args.id)}-{args.rank}.zip")
    if path.exists() and not args.overwrite:
        raise ValueError(f"{path} is there: name another file with --out, or add --overwrite")
    covers = await service.job(args.id)
    if isinstance(covers, JobStatus):
        raise ValueError(f"the job is {covers.status}: only finished covers are released")
    if all(cover.rank != args.rank for cover in covers.covers):
        raise ValueError(f"the set has no cover of rank {args.rank}")
    fields: dict[str, Any] = {"size": args.size, "format": args.format, "notice": args.notice}
    for name in ("title", "artist", "layout", "seed"):
        if getattr(args, name) is not None:
            fields[name] = getattr(args, name)
    faces = {"front": await service.release(args.id, args.rank, ReleaseRequest(**fields))}
    if args.track:
        back = ReleaseRequest(**fields, face="back", tracks=args.track)
        faces["back"] = await service.release(args.id, args.rank, back)
    await asyncio.to_thread(path.write_bytes, pack(covers, args.rank, faces))
    if args.json:
        _print_json(
            {"file": path.as_posix(), **{n: f.facts.model_dump() for n, f in faces.items()}}
        )
        return
    out = Console(highlight=False)
    for name, file in faces.items():
        out.print(describe(name, file), markup=False, soft_wrap=True)
        if not file.facts.fits:
            log.print(f"The {name} is over 10 MB, which stores refuse: choose --format jpeg.")
    if not args.notice:
        log.print("The mark is in the metadata alone: say that an AI drew it wherever you show it.")
    out.print(f"{path.as_posix()} has all of it.", markup=False)


COMMANDS: Mapping[str, Callable[[SongDalle, argparse.Namespace, Console], Awaitable[None]]] = {
    "cover": cover,
    "get": get,
    "more": more,
    "release": release,
    "search": search,
    "history": history,
    "cancel": cancel,
    "delete": delete,
}


async def _read_request(service: SongDalle, args: argparse.Namespace) -> CoverRequest:
    fields: dict[str, Any] = {"candidates": args.candidates}
    if args.song is not None:
        song = await service.song(args.song)
        fields |= {"lyrics": song.lyrics, "title": song.title, "artist": song.artist}
    else:
        fields["lyrics"] = await asyncio.to_thread(read_lyrics, args.lyrics)
    for name in ("title", "artist", "prompt", "seed", "mood", "style"):
        if getattr(args, name) is not None:
            fields[name] = getattr(args, name)
    if args.mood == NONE:
        fields |= {"mood": None, "use_mood": False}
    if args.style == NONE:
        fields["style"] = None
    return CoverRequest(**fields)


def read_lyrics(name: str) -> str:
    """The text of a file, or of standard input for "-".

    Raises:
        ValueError: there is none that can be read.
    """
    label = "standard input" if name == "-" else name
    try:
        if name == "-":
            content = sys.stdin.buffer.read(MAX_FILE + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise ValueError(f"{label} cannot be read: {error.strerror}") from error
    if len(content) > MAX_FILE:
        raise ValueError(f"{label} is too large for lyrics: 20,000 characters are the most")
    lyrics = _decode(content, label)
    if not lyrics.strip():
        raise ValueError(f"{label} has no lyrics in it")
    return lyrics


def _decode(content: bytes, label: str) -> str:
    """Text in UTF-8, or in what its byte order mark names; other marks in it mean nothing."""
    wide = next((name for mark, name in WIDE_MARKS.items() if content.startswith(mark)), None)
    try:
        lyrics = content.decode(wide or "utf-8").replace("\ufeff", "")
    except UnicodeDecodeError:
        claimed = f"begins like {wide}, but is not" if wide else "is not UTF-8"
        raise ValueError(
            f"{label} {claimed}: convert it to UTF-8, such as by `iconv -f cp949 -t utf-8`"
        ) from None
    if "\0" in lyrics:
        raise ValueError(
            f"{label} is no text, or UTF-16 without its byte order mark: "
            "convert it to UTF-8, such as by `iconv -f utf-16le -t utf-8`"
        )
    return lyrics


async def _follow(stream: CoverStream, candidates: int, log: Console) -> CoverSet:
    """The covers of a stream; whatever ends this early cancels the job at the service."""
    covers = None
    with CoverProgress(log, candidates) as progress:
        try:
            async for event in stream:
                progress.show(event)
                covers = event.covers if isinstance(event, Done) else None
        except asyncio.CancelledError:
            await _give_up(stream, log)
            raise
    assert covers is not None  # a stream ends with its covers or with an error
    return covers


async def _give_up(stream: CoverStream, log: Console) -> None:
    try:
        await stream.cancel()
    except ClientError as error:
        log.print(f"The job could not be cancelled: {plain(str(error))}", markup=False)
    else:
        log.print("Cancelled.")


async def _write(
    service: SongDalle, covers: CoverSet, args: argparse.Namespace, log: Console
) -> None:
    folder = args.out or Path(f"covers-{_file_part(covers.id)}")
    if args.out is None:
        check_folder(folder, overwrite=args.overwrite)
    try:
        paths = await save(service, covers, folder)
    except (ClientError, OSError, asyncio.CancelledError):
        log.print(
            f"The covers are made: `songdalle get {plain(covers.id)}` fetches them.", markup=False
        )
        raise
    if args.json:
        _print_json(covers)
        return
    out = Console(highlight=False)
    prompt = f"{plain(covers.sentiment.label)}: {plain(covers.prompt)}"
    out.print(prompt, markup=False, soft_wrap=True)
    rows = [
        (p.as_posix(), f"{c.score:.2f}", str(c.seed))
        for p, c in zip(paths, covers.covers, strict=True)
    ]
    print_table(out, ("cover", "score", "seed"), rows)
    out.print(
        f"{(folder / SHEET).as_posix()} has all of them. {plain(covers.notice)}.", markup=False
    )


def _file_part(job_id: str) -> str:
    """An id as a part of a file's name, whatever the service calls its jobs."""
    return "".join(c for c in job_id if c.isascii() and c.isalnum())[:32] or "unnamed"


def _confirm(word: str, args: argparse.Namespace, log: Console) -> None:
    if args.json:
        _print_json({"id": args.id})
    else:
        log.print(word)


def _minutes(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds // 60}:{seconds % 60:02d}"


def _print_json(answer: BaseModel | dict[str, Any]) -> None:
    if isinstance(answer, BaseModel):
        print(answer.model_dump_json())
    else:
        import json

        print(json.dumps(answer, ensure_ascii=False))
