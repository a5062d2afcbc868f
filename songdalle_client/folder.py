"""A cover set as files: the covers by rank, a contact sheet, and the service's answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

from songdalle_client.answers import Cover, CoverSet
from songdalle_client.service import SongDalle

SHEET, DESCRIPTION = "contact_sheet.png", "covers.json"
AT_ONCE = 4


class FolderRefused(ValueError):
    """The covers cannot be written there; the message says why."""


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """See, before anything is drawn, that covers can be written there later.

    Raises:
        FolderRefused: they cannot, or something is there already.
    """
    if folder.exists() and not folder.is_dir():
        raise FolderRefused(f"{folder} is a file: name a folder with --out")
    if not overwrite and folder.is_dir() and any(folder.iterdir()):
        raise FolderRefused(
            f"{folder} is not empty: name another folder with --out, or add --overwrite"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".songdalle-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FolderRefused(f"{folder} cannot be written: {error.strerror}") from error


async def save(service: SongDalle, cover_set: CoverSet, folder: Path) -> list[Path]:
    """Fetch the covers and write all files; returns the covers' paths, best first.

    Raises:
        ClientError: a cover could not be fetched.
        OSError: a file could not be written.
    """
    from songdalle_client.sheet import contact_sheet  # Pillow: not for a search

    gate = asyncio.Semaphore(AT_ONCE)

    async def fetch(cover: Cover) -> bytes:
        async with gate:
            return await service.image(cover.url)

    files = await asyncio.gather(*map(fetch, cover_set.covers))
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for cover, file in zip(cover_set.covers, files, strict=True):
        path = folder / f"{cover.rank:02d}.png"
        path.write_bytes(file)
        paths.append(path)
    (folder / DESCRIPTION).write_text(cover_set.model_dump_json(indent=1) + "\n", encoding="utf-8")
    by_rank = {cover.rank: file for cover, file in zip(cover_set.covers, files, strict=True)}
    (folder / SHEET).write_bytes(contact_sheet(cover_set, by_rank))
    return paths
