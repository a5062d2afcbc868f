"""Make the sleeve: in a browser, by mouse and by keyboard, and what axe says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from songdalle_core.release.rules import check_release
from tests.web.browsers import violations
from tests.web.conftest import OpenPage
from tests.web.steps import ask, finished


def opened(page: Page) -> None:
    """Draw a set and open the sleeve of its best cover, by keyboard alone."""
    ask(page, covers=2)
    finished(page)
    page.locator(".sleeve .open").first.focus()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Make the sleeve")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#release-dialog")).to_be_visible()
    expect(page.locator("#release-status")).to_contain_text("This is the sleeve")


def test_a_sleeve_is_shown_and_saved_as_stores_take_it(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    opened(page)
    expect(page.locator("#release-title")).to_have_value("Sky")
    expect(page.get_by_alt_text("The sleeve of Sky")).to_be_visible()
    page.locator("#release-artist").fill("김하늘")
    page.locator("#release-layout").select_option("corner")
    page.locator("#release-notice").uncheck()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download the front").click()
    file = tmp_path / "front.jpg"
    saved.value.save_as(file)
    assert all(
        finding.kept for finding in check_release(file.read_bytes()) if "colour" not in finding.rule
    )
    expect(page.locator("#release-status")).to_contain_text("3,000 pixels")
    expect(page.locator("#release-status")).to_contain_text("say that an AI drew it")
    page.keyboard.press("Escape")
    expect(page.locator("#release-dialog")).to_be_hidden()


def test_a_back_wants_tracks_and_says_so_at_the_field(open_page: OpenPage) -> None:
    page = open_page()
    opened(page)
    back = page.get_by_role("button", name="Download the back")
    back.click()
    tracks = page.locator("#release-tracks")
    expect(tracks).to_be_focused()
    expect(tracks).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#release-tracks-error")).to_contain_text("Write a track first")
    tracks.fill("하나\nTwo")
    with page.expect_download() as saved:
        back.click()
    assert saved.value.suggested_filename.endswith("-1-back.jpg")


def test_a_refusal_of_the_service_stands_at_its_field(open_page: OpenPage) -> None:
    page = open_page()
    opened(page)
    title = page.locator("#release-title")
    title.fill("가" * 190)
    page.locator("#release-layout").select_option("corner")
    page.get_by_role("button", name="Show it").click()
    expect(title).to_be_focused()
    expect(page.locator("#release-title-error")).to_contain_text("too long")
    title.fill("바다")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("#release-status")).to_contain_text("Layout: Corner")
    expect(page.locator("#release-title-error")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    opened(page)
    assert violations(page) == []
    page.get_by_role("button", name="Download the back").click()
    expect(page.locator("#release-tracks-error")).to_be_visible()
    assert violations(page) == []
