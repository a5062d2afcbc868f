"""Finding lyrics by title."""

from __future__ import annotations

import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Query
from pydantic import AfterValidator, BaseModel, Field

from deployments.api.openapi import INVALID, UNEXPECTED, problem
from deployments.config.songs import AnyProvider, ImportedProvider, MelonOptions, SongsOptions
from deployments.contract.covers import NORMAL
from deployments.contract.errors import LyricsProviderBusy, LyricsProviderFailed, NotFound
from songdalle_core.songs import (
    Catalogue,
    Courtesy,
    Fetcher,
    Lrclib,
    Melon,
    Missing,
    Provider,
    ProviderBusy,
    Song,
    SongsError,
    user_agent,
)
from songdalle_core.songs.melon import STOPS_ON

MAX_QUERY = 200
EXAMPLE = {
    "id": "lrclib:4711", "provider": "lrclib", "title": "Lamp on the Hill", "artist": "The Wicks",
    "album": "Small Lights", "seconds": 191,
}  # fmt: skip
REASONS: dict[Missing, str] = {
    "instrumental": "it is instrumental",
    "adults_only": "it is for adults only, and its provider shows them to nobody else",
    "no_lyrics": "its provider has none",
}


def _saying_something(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise ValueError("name a title, or a title and an artist")
    return text


SearchText = Annotated[
    str,
    Query(
        min_length=1,
        max_length=MAX_QUERY,
        description='"title" or "title artist".',
        examples=["Lamp on the Hill The Wicks"],
    ),
    NORMAL,
    AfterValidator(_saying_something),
]
SongId = Annotated[
    str,
    Path(
        min_length=3,
        max_length=100,
        description="`id` of a song that a search found.",
        examples=["lrclib:4711"],
    ),
]


class FoundSong(BaseModel):
    """A song that a provider of lyrics knows."""

    id: str
    provider: str
    title: str
    artist: str
    album: str | None = None
    seconds: int | None = Field(default=None, description="How long it lasts.")


class FoundSongs(BaseModel):
    """What a search found, the best first."""

    songs: list[FoundSong]


class SongWithLyrics(FoundSong):
    """A song with its lyrics, ready for `POST /v1/covers`."""

    lyrics: str = Field(description="Without time tags; at most 20,000 characters.")


ERRORS: dict[int | str, dict[str, Any]] = {
    422: INVALID,
    500: UNEXPECTED,
    502: problem("A provider of lyrics does not answer, or not as it should."),
    503: problem("A provider of lyrics wants to be left alone for now.", wait=True),
}


def build(catalogue: Catalogue) -> APIRouter:
    """The routes below `/v1/songs`; their providers' connections end with the application."""

    @asynccontextmanager
    async def closing(_: FastAPI) -> AsyncIterator[None]:
        yield
        await catalogue.close()

    router = APIRouter(tags=["songs"], lifespan=closing)

    @router.get(
        "/v1/songs",
        summary="Find songs",
        responses={200: {"content": _example({"songs": [EXAMPLE]})}, 404: OFF, **ERRORS},
    )
    async def find_songs(q: SearchText) -> FoundSongs:
        """Songs that providers of lyrics know; an empty list if there are none."""
        _switched_on(catalogue)
        try:
            songs = await catalogue.search(q)
        except SongsError as error:
            raise _as_cover_error(error) from error
        return FoundSongs(songs=[FoundSong(**_fields(song)) for song in songs])

    @router.get(
        "/v1/songs/{song_id}",
        summary="Get a song's lyrics",
        responses={
            200: {"content": _example(EXAMPLE | {"lyrics": "A lamp on the hill\n..."})},
            404: problem("There is no such song, or it has no lyrics: the detail says which."),
            **ERRORS,
        },
    )
    async def get_song(song_id: SongId) -> SongWithLyrics:
        """The lyrics as the provider has them; they belong to their authors."""
        _switched_on(catalogue)
        try:
            song = await catalogue.lyrics(song_id)
        except SongsError as error:
            raise _as_cover_error(error) from error
        if song is None:
            raise NotFound(f"there is no song {song_id!r}: search for one first")
        if song.lyrics is None:
            reason = REASONS[song.missing or "no_lyrics"]
            raise NotFound(
                f"there are no lyrics of {song.song.title!r}: {reason}; paste them instead"
            )
        return SongWithLyrics(**_fields(song.song), lyrics=song.lyrics)

    return router


OFF = problem("The search is switched off.")


def _switched_on(catalogue: Catalogue) -> None:
    if not catalogue.names:
        raise NotFound("the search for songs is switched off here: paste the lyrics instead")


def _as_cover_error(error: SongsError) -> Exception:
    """An error of a provider in the service's own terms."""
    reason = f"{error}; paste the lyrics instead, or try again later"
    if isinstance(error, ProviderBusy):
        return LyricsProviderBusy(reason, error.retry_after)
    return LyricsProviderFailed(reason)


def _fields(song: Song) -> dict[str, Any]:
    return {
        "id": song.id,
        "provider": song.provider,
        "title": song.title,
        "artist": song.artist,
        "album": song.album,
        "seconds": song.seconds,
    }


def _example(value: Any) -> dict[str, Any]:
    return {"application/json": {"example": value}}


def open_catalogue(options: SongsOptions) -> Catalogue:
    """All providers in their order; nothing is asked yet.

    Raises:
        ValueError: an imported provider cannot be made, or two have the same name.
    """
    providers = [_provider(chosen, options) for chosen in options.providers]
    return Catalogue(providers, keep=options.remember, expiry=options.remember_s)


def _provider(chosen: AnyProvider, options: SongsOptions) -> Provider:
    if isinstance(chosen, ImportedProvider):
        return _imported(chosen)
    agent = user_agent(options.contact)
    if isinstance(chosen, MelonOptions):
        slow = Courtesy(gap=chosen.gap_s, patience=options.patience_s, stops_on=STOPS_ON)
        return Melon(Fetcher("Melon", agent, slow), chosen.address)
    courtesy = Courtesy(gap=chosen.gap_s, patience=options.patience_s)
    return Lrclib(Fetcher("LRCLIB", agent, courtesy), chosen.address)


def _imported(chosen: ImportedProvider) -> Provider:
    try:
        provider: Provider = pkgutil.resolve_name(chosen.factory)(**chosen.settings)
    except (ImportError, AttributeError, TypeError) as error:
        raise ValueError(f"songs: the provider {chosen.factory} cannot be made: {error}") from error
    return provider
