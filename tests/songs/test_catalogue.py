from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from songdalle_core.songs.catalogue import EMPTY_SECONDS, LIMIT, Catalogue
from songdalle_core.songs.provider import ProviderBusy, ProviderFailed, Song, SongLyrics


class Shelf:
    """A provider with a fixed answer, or an error."""

    def __init__(
        self,
        name: str,
        *titles: str,
        error: Exception | None = None,
        pause: float = 0.0,
        knows: str | None = None,
    ) -> None:
        self.name = name
        self.knows = knows
        self.asked: list[str] = []
        self.error = error
        self.closed = False
        self._pause = pause
        self._songs = [Song(name, str(n), title, "Nobody") for n, title in enumerate(titles)]

    async def search(self, query: str, limit: int) -> Sequence[Song]:
        self.asked.append(query)
        await asyncio.sleep(self._pause)
        if self.error is not None:
            raise self.error
        return self._songs if self.knows in (None, query) else []

    async def lyrics(self, key: str) -> SongLyrics | None:
        self.asked.append(key)
        if self.error is not None:
            raise self.error
        songs = [song for song in self._songs if song.key == key]
        if songs and songs[0].title == "Mute":
            return SongLyrics(songs[0], None, "instrumental")
        return SongLyrics(songs[0], "la la") if songs else None

    async def close(self) -> None:
        self.closed = True


def search(*shelves: Shelf, query: str = "lamp", **options: float) -> list[str]:
    async def run() -> list[str]:
        return [song.id for song in await Catalogue(shelves).search(query)]

    return asyncio.run(run())


def test_the_first_that_knows_a_song_is_the_last_that_is_asked() -> None:
    empty, full, other = Shelf("a"), Shelf("b", "Lamp"), Shelf("c", "Lamp")
    assert search(empty, full, other) == ["b:0"]
    assert (empty.asked, full.asked, other.asked) == (["lamp"], ["lamp"], [])


def test_a_provider_that_fails_is_passed_over() -> None:
    assert search(Shelf("a", error=ProviderFailed("down")), Shelf("b", "Lamp")) == ["b:0"]


def test_nothing_found() -> None:
    assert search(Shelf("a"), Shelf("b")) == []
    assert search() == []


def test_a_failure_is_told_when_nothing_was_found() -> None:
    shelves = (Shelf("a", error=ProviderBusy("later", 3)), Shelf("b", error=ProviderFailed("down")))
    with pytest.raises(ProviderBusy, match="later"):
        search(*shelves, Shelf("c"))


def test_nothing_found_is_asked_once_more_in_simpler_words() -> None:
    typed = "Lamp (Official MV).mp3"
    first, second = Shelf("a"), Shelf("b", "Lamp", knows="Lamp")
    assert search(first, second, query=typed) == ["b:0"]
    assert first.asked == second.asked == [typed, "Lamp"]


def test_what_is_found_as_typed_is_not_asked_again() -> None:
    shelf = Shelf("a", "Lamp", knows="Lamp (Live)")
    assert search(shelf, query="Lamp (Live)") == ["a:0"]
    assert shelf.asked == ["Lamp (Live)"]


def test_a_query_without_simpler_words_is_asked_once() -> None:
    shelf = Shelf("a")
    assert search(shelf, query="Lamp") == []
    assert search(shelf, query="Lamp (Live)") == []
    assert shelf.asked == ["Lamp", "Lamp (Live)", "Lamp"]


def test_who_fails_is_not_asked_in_simpler_words() -> None:
    down, shelf = Shelf("a", error=ProviderFailed("down")), Shelf("b", "Lamp", knows="Lamp")
    assert search(down, shelf, query="Lamp [가사]") == ["b:0"]
    assert down.asked == ["Lamp [가사]"]
    with pytest.raises(ProviderFailed, match="down"):
        search(down, Shelf("b"), query="Lamp [가사]")


def test_at_most_so_many() -> None:
    assert len(search(Shelf("a", *["Lamp"] * 50))) == LIMIT


def test_equal_questions_are_asked_once() -> None:
    shelf = Shelf("a", "Lamp")

    async def run() -> None:
        catalogue = Catalogue([shelf])
        await asyncio.gather(*(catalogue.search("lamp  wick") for _ in range(5)))
        await catalogue.search(" lamp wick\n")
        assert shelf.asked == ["lamp wick"]
        for _ in range(3):
            assert await catalogue.lyrics("a:0") is not None
            assert await catalogue.lyrics("a:7") is None
        assert shelf.asked == ["lamp wick", "0", "7"]

    asyncio.run(run())


def test_a_caller_who_leaves_does_not_take_the_answer_along() -> None:
    shelf = Shelf("a", "Lamp", pause=0.1)

    async def run() -> None:
        catalogue = Catalogue([shelf])
        first, second = (asyncio.create_task(catalogue.search("lamp")) for _ in range(2))
        await asyncio.sleep(0.02)
        first.cancel()
        assert [song.id for song in await second] == ["a:0"]
        assert shelf.asked == ["lamp"]
        third = asyncio.create_task(catalogue.search("boat"))
        await asyncio.sleep(0.02)
        third.cancel()
        await asyncio.wait([third])
        assert await catalogue.search("boat")

    asyncio.run(run())


def test_failures_are_not_remembered() -> None:
    shelf = Shelf("a", "Lamp", error=ProviderFailed("down"))

    async def run() -> None:
        catalogue = Catalogue([shelf])
        with pytest.raises(ProviderFailed):
            await catalogue.search("lamp")
        with pytest.raises(ProviderFailed):
            await catalogue.lyrics("a:0")
        shelf.error = None
        assert await catalogue.search("lamp")
        assert await catalogue.lyrics("a:0")

    asyncio.run(run())


def test_memory_is_bounded_and_expires() -> None:
    shelf = Shelf("a", "Lamp")

    async def run() -> None:
        catalogue = Catalogue([shelf], keep=2, expiry=0.1)
        for query in ("one", "two", "three", "three", "one"):
            await catalogue.search(query)
        assert shelf.asked == ["one", "two", "three", "one"]
        await asyncio.sleep(0.15)
        await catalogue.search("one")
        assert len(shelf.asked) == 5

    asyncio.run(run())


def test_an_empty_answer_is_remembered_for_a_moment_only() -> None:
    shelf = Shelf("a", "Lamp", "Mute")

    async def run() -> None:
        catalogue = Catalogue([shelf], empty_expiry=0.3)
        shelf.knows = "nothing"
        for _ in range(2):
            assert await catalogue.search("lamp") == ()
            assert await catalogue.lyrics("a:7") is None
            mute = await catalogue.lyrics("a:1")
            assert mute is not None
            assert mute.missing == "instrumental"
        assert shelf.asked == ["lamp", "7", "1"]
        shelf.knows = None
        await asyncio.sleep(0.4)
        for _ in range(2):
            assert await catalogue.search("lamp")
            assert await catalogue.lyrics("a:0")
            await catalogue.lyrics("a:1")
        await asyncio.sleep(0.4)
        assert await catalogue.search("lamp")
        assert await catalogue.lyrics("a:0")
        assert shelf.asked == ["lamp", "7", "1", "lamp", "0", "1"]

    asyncio.run(run())


def test_a_moment_is_a_minute_at_most() -> None:
    assert EMPTY_SECONDS <= 60


def test_what_expires_sooner_is_no_longer_remembered_when_empty() -> None:
    shelf = Shelf("a")

    async def run() -> None:
        catalogue = Catalogue([shelf], expiry=0.1)
        await catalogue.search("lamp")
        await asyncio.sleep(0.2)
        await catalogue.search("lamp")

    asyncio.run(run())
    assert shelf.asked == ["lamp", "lamp"]


def test_empty_answers_to_equal_questions_are_asked_once() -> None:
    shelf = Shelf("a", pause=0.05)

    async def run() -> None:
        catalogue = Catalogue([shelf])
        found = await asyncio.gather(*(catalogue.search("lamp") for _ in range(5)))
        assert found == [()] * 5

    asyncio.run(run())
    assert shelf.asked == ["lamp"]


@pytest.mark.parametrize("song_id", ["", "a", "b:0", ":0", "a:9", "a:"])
def test_unknown_ids(song_id: str) -> None:
    async def run() -> None:
        assert await Catalogue([Shelf("a", "Lamp")]).lyrics(song_id) is None

    asyncio.run(run())


def test_closing_closes_all() -> None:
    shelves = [Shelf("a"), Shelf("b")]
    asyncio.run(Catalogue(shelves).close())
    assert all(shelf.closed for shelf in shelves)


def test_names_are_unique() -> None:
    with pytest.raises(ValueError, match="same name"):
        Catalogue([Shelf("a"), Shelf("a")])
