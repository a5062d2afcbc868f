"""The whole way of a song: stages, covers, ranks, another round, rating, download, gallery."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import httpx2
from playwright.sync_api import Page, expect

from songdalle_core.provenance import NOTICE, read_metadata
from tests.web.conftest import OpenPage, Service
from tests.web.steps import ask, finished, shown


def fetched(page: Page, path: str) -> bytes:
    """A file of the service, as bytes."""
    return httpx2.get(
        path if "//" in path else f"{page.url.split('/#')[0]}{path}", trust_env=False
    ).content


def test_every_stage_is_shown_as_it_comes(service: Service, open_page: OpenPage) -> None:
    page = open_page()
    service.painter.held.set()
    ask(page)
    expect(page.locator("#result-heading")).to_have_text("Sky")
    expect(page.locator("[data-stage=cleaned]")).to_contain_text("2 lines, English")
    expect(page.locator("[data-stage=summary]")).to_contain_text("A balloon over the sea")
    expect(page.locator("[data-stage=translation]")).to_contain_text("a balloon over the sea")
    expect(page.locator("[data-stage=sentiment]")).to_contain_text("Joyful")
    expect(page.locator("[data-stage=prompt]")).to_contain_text("a mood of joyful")
    expect(page.locator(".sleeve")).to_have_count(4)
    assert page.locator(".sleeve img:visible").count() == 0
    service.painter.held.clear()
    finished(page)


def test_previews_turn_into_ranked_covers(service: Service, open_page: OpenPage) -> None:
    page = open_page()
    service.painter.unfinished.set()
    ask(page, covers=6)
    preview = re.compile("^data:image/webp")
    expect(page.locator(".sleeve[data-state=drawing]")).to_have_count(6)
    for image in page.locator(".sleeve img").all():
        expect(image).to_have_attribute("src", preview)
    expect(page.locator(".front")).to_have_attribute("data-state", "turning")
    service.painter.unfinished.clear()
    finished(page)
    expect(page.locator(".rank")).to_have_text([str(rank) for rank in range(1, 7)])
    scores = [float(score) for score in page.locator(".caption .score").all_text_contents()]
    assert scores == sorted(scores, reverse=True)
    expect(page.locator(".sleeve img").last).to_have_attribute(
        "src", re.compile(r"/images/6\.png$")
    )
    assert [url.rsplit("/", 1)[1] for url in shown(page)] == [f"{rank}.png" for rank in range(1, 7)]
    expect(page.locator(".front img")).to_have_attribute("src", re.compile(r"/images/1\.png$"))
    expect(page.locator(".front-caption")).to_contain_text(NOTICE)


def test_the_mood_chart_says_in_words_what_it_shows(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    finished(page)
    entries = page.locator(".mood-chart li").all_text_contents()
    assert [re.sub(r"\d+%", "", entry) for entry in entries] == [
        "Sadness",
        "Power",
        "Tension",
        "Joyful",
        "Calmness",
    ]
    assert sum(int(re.sub(r"\D", "", entry)) for entry in entries) == 100
    widths = page.locator(".mood-bar").evaluate_all(
        "bars => bars.map((bar) => parseFloat(getComputedStyle(bar, '::before').width) / bar.clientWidth)"
    )
    assert [round(width, 1) for width in widths] == [0.1, 0.1, 0.1, 0.6, 0.1]


def test_choices_reach_the_service(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("radio", name="Pixel art").check()
    page.get_by_role("radio", name="Tension").check()
    page.locator("#more summary").click()
    page.locator("#seed").fill("11")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        ask(page, covers=3)
    order = sent.value.post_data_json
    assert (order["style"], order["mood"], order["seed"]) == ("pixel art", "Tension", 11)
    finished(page)
    expect(page.locator("[data-stage=prompt]")).to_contain_text("a pixel art of")
    expect(page.locator("[data-stage=prompt]")).to_contain_text("a mood of tension")


def test_another_round_with_an_edited_prompt(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    finished(page)
    first = page.url
    page.locator("#prompt").fill("a poster of a fox in the snow")
    page.get_by_role("button", name="Draw this prompt").click()
    page.wait_for_url(lambda url: url != first and "/#/covers/" in url)
    finished(page)
    expect(page.locator("[data-stage=prompt]")).to_contain_text("a poster of a fox in the snow")
    expect(page.locator("#result-heading")).to_have_text("Sky")
    page.go_back()
    expect(page.locator("[data-stage=prompt]")).to_contain_text("a balloon over the sea")


def test_the_same_seed_draws_the_same_covers(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    finished(page)
    before, first = page.url, [fetched(page, url) for url in shown(page)]
    page.get_by_role("button", name="This prompt, same seed").click()
    page.wait_for_url(lambda url: url != before)
    finished(page)
    expect(page.locator(".sleeve img").last).to_have_attribute(
        "src", re.compile(r"/images/4\.png$")
    )
    assert [fetched(page, url) for url in shown(page)] == first
    before = page.url
    page.get_by_role("button", name="More in this style").click()
    page.wait_for_url(lambda url: url != before)
    finished(page)
    expect(page.locator(".sleeve img").last).to_have_attribute(
        "src", re.compile(r"/images/4\.png$")
    )
    assert [fetched(page, url) for url in shown(page)] != first


def test_a_cover_is_opened_turned_and_saved(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    finished(page)
    page.get_by_role("button", name=re.compile("^Cover 2,")).click()
    dialog = page.locator("#cover-dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Cover 2 of 4")
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("heading")).to_have_text("Cover 3 of 4")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert re.fullmatch(r"cover-[0-9a-f]{8}-3\.png", download.value.suggested_filename)
    assert NOTICE in read_metadata(Path(download.value.path()).read_bytes()).values()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_all_are_saved_as_a_zip_with_the_notice(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    finished(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert archive.testzip() is None
    assert archive.namelist() == [
        "NOTICE.txt",
        "covers.json",
        *(f"{rank}.png" for rank in range(1, 5)),
    ]
    assert NOTICE in archive.read("NOTICE.txt").decode()
    for rank, url in enumerate(shown(page), start=1):
        assert archive.read(f"{rank}.png") == fetched(page, url)
    assert json.loads(archive.read("covers.json"))["title"] == "Sky"
