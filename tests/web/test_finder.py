"""Finding lyrics by title."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.web.conftest import OpenPage
from tests.web.provider import HUM, LAMP, LYRICS
from tests.web.steps import finished


def search(page: Page, text: str) -> None:
    page.locator("#finder summary").click()
    page.get_by_label("Title, or title and artist").fill(text)
    page.keyboard.press("Enter")


def test_a_song_that_is_found_fills_the_form(open_page: OpenPage) -> None:
    page = open_page()
    search(page, "the wicks")
    expect(page.locator("#find-status")).to_contain_text("2 songs")
    expect(page.locator("#found strong")).to_have_text([LAMP.title, HUM.title])
    expect(page.locator("#found")).to_contain_text("The Wicks · Small Lights · 3:11")
    page.locator("#found button").first.click()
    expect(page.locator("#lyrics")).to_have_value(LYRICS)
    expect(page.locator("#lyrics")).to_be_focused()
    expect(page.locator("#title")).to_have_value(LAMP.title)
    expect(page.locator("#artist")).to_have_value("The Wicks")
    page.locator("#candidates").fill("2")
    page.locator("#draw").click()
    finished(page)
    expect(page.locator("#result-heading")).to_have_text(LAMP.title)


def test_a_song_without_lyrics_leaves_the_form_alone(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#lyrics").fill("mine")
    search(page, "the wicks")
    page.locator("#found button").nth(1).click()
    expect(page.locator("#find-status")).to_contain_text("instrumental")
    expect(page.locator("#lyrics")).to_have_value("mine")


def test_nothing_found_is_said(open_page: OpenPage) -> None:
    page = open_page()
    search(page, "nobody")
    expect(page.locator("#find-status")).to_contain_text("No song was found")
