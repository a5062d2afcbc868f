"""A provider of lyrics that knows two songs by heart."""

from __future__ import annotations

from songdalle_core.songs import Song, SongLyrics

LAMP = Song("shelf", "1", "Lamp <b>on</b> the Hill", "The Wicks", "Small Lights", 191)
HUM = Song("shelf", "2", "Hum", "The Wicks")
LYRICS = "a lamp on the hill\nand a boat on the sea"


class MemoryProvider:
    """See `songdalle_core.songs.Provider`."""

    name = "shelf"

    async def search(self, query: str, limit: int) -> list[Song]:
        """Both songs for their artist, none for anything else."""
        return [LAMP, HUM][:limit] if "wicks" in query.lower() else []

    async def lyrics(self, key: str) -> SongLyrics | None:
        """One has lyrics, the other is instrumental."""
        if key == HUM.key:
            return SongLyrics(HUM, None, "instrumental")
        return SongLyrics(LAMP, LYRICS) if key == LAMP.key else None

    async def close(self) -> None:
        """There is nothing to end."""
