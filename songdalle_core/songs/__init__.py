"""Lyrics by title: providers that find songs, and a catalogue over them. See provider.py to add one."""

from songdalle_core.songs.catalogue import Catalogue
from songdalle_core.songs.fetching import Courtesy, Fetcher, user_agent
from songdalle_core.songs.lrclib import Lrclib
from songdalle_core.songs.melon import Melon
from songdalle_core.songs.provider import (
    Missing,
    Provider,
    ProviderBusy,
    ProviderFailed,
    Song,
    SongLyrics,
    SongsError,
)

__all__ = [
    "Catalogue",
    "Courtesy",
    "Fetcher",
    "Lrclib",
    "Melon",
    "Missing",
    "Provider",
    "ProviderBusy",
    "ProviderFailed",
    "Song",
    "SongLyrics",
    "SongsError",
    "user_agent",
]
