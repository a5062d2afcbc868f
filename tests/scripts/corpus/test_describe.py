"""Made-up songs, built into a corpus and described, and the page in a real browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from scripts.corpus import build, describe, make_up_songs

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    songs = folder / "songs.jsonl"
    assert make_up_songs.main([str(songs), "--songs", "120"]) == 0
    assert build.main([str(folder / "made up"), "--table", str(songs), "--workers", "1"]) == 0
    return folder / "made up"


def test_made_up_songs_are_the_same_each_time_and_reach_the_original_lengths(
    tmp_path: Path,
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    for path in (first, second):
        assert make_up_songs.main([str(path), "--songs", "300", "--seed", "3"]) == 0
    assert first.read_bytes() == second.read_bytes()
    songs = [json.loads(line) for line in first.read_text(encoding="utf-8").splitlines()]
    sizes = [len(song["lyric"]) for song in songs]
    assert 200 < sum(sizes) / len(sizes) < 400
    assert {song["year"] // 10 for song in songs} == set(range(196, 203))
    assert 0 < sum(not song["lyric"] for song in songs) < 20


@pytest.fixture(scope="module")
def described(corpus: Path) -> Path:
    """The page, made by one process."""
    assert describe.main([str(corpus), "--sample", "10", "--workers", "1"]) == 0
    return corpus / "description.html"


def test_a_corpus_is_described(corpus: Path, described: Path) -> None:
    figures = json.loads(described.with_suffix(".json").read_text(encoding="utf-8"))
    built = json.loads((corpus / "corpus.json").read_text(encoding="utf-8"))
    assert figures["songs"] == built["songs"]
    assert figures["songs_without_lyrics"] == built["without_lyrics"]
    decades = {decade["decade"]: decade for decade in figures["by_decade"]}
    assert {name: decade["songs"] for name, decade in decades.items()} == built["decades"]
    assert all(decade["analysed"] == min(10, decade["songs"]) for decade in decades.values())
    shares = [sum(m["share"] for m in d["moods"].values()) for d in decades.values()]
    assert shares == pytest.approx([1.0] * len(decades))
    assert figures["lengths"]["summary tokens"]["mean"] < figures["lengths"]["tokens"]["mean"]
    assert figures["all"]["words"][0][1] <= figures["songs_analysed"]


def test_how_many_work_on_it_changes_nothing(corpus: Path, described: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    words = [str(corpus), "--sample", "10", "--workers", "2", "--out", str(out)]
    assert describe.main(words) == 0
    assert out.read_text(encoding="utf-8") == described.read_text(encoding="utf-8")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_the_page_is_readable_on_a_phone(described: Path) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.goto(described.as_uri())
        sizes = page.eval_on_selector_all("img", "all => all.map(one => one.naturalWidth)")
        told = page.eval_on_selector_all("img", "all => all.map(one => one.alt.length)")
        wide = page.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert len(sizes) >= 7
    assert min(sizes) > 300
    assert min(told) > 20
    assert wide <= 390, "it need not be scrolled sideways"


def test_what_is_no_corpus_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        describe.main([str(tmp_path)])
    assert "has no train.jsonl: build it by" in capsys.readouterr().err
    for name in ("train.jsonl", "validation.jsonl"):
        (tmp_path / name).write_text("")
    with pytest.raises(SystemExit):
        describe.main([str(tmp_path)])
    assert "has no song with lyrics" in capsys.readouterr().err
