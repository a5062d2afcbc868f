"""The gallery and the survey: what was drawn is found, rated, and gone when it is deleted."""

from __future__ import annotations

import re

import httpx2
from playwright.sync_api import Page, expect

from tests.web.browsers import violations
from tests.web.conftest import OpenPage, Service
from tests.web.steps import ask, finished

ATTACK = "<img src=x onerror=alert(1)>"


def order(service: Service, title: str, **changes: object) -> str:
    """Draw a set without the page; its id."""
    song = {"lyrics": "A balloon over the sea", "title": title, "candidates": 2, **changes}
    url = f"http://127.0.0.1:{service.port}/v1/covers"
    response = httpx2.post(url, json=song, timeout=30, trust_env=False)
    return str(response.raise_for_status().json()["id"])


def titles(page: Page) -> list[str]:
    return page.locator(".card-title").all_text_contents()


def test_the_gallery_shows_the_newest_first_a_page_at_a_time(
    service: Service, open_page: OpenPage
) -> None:
    for i in range(26):
        order(service, f"song {i:02}", candidates=1)
    page = open_page("/#/gallery")
    expect(page.locator(".card")).to_have_count(24)
    assert titles(page)[:2] == ["song 25", "song 24"]
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".card")).to_have_count(26)
    assert titles(page)[-2:] == ["song 01", "song 00"]
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    expect(page.locator(".card a").nth(24)).to_be_focused()


def test_words_and_moods_find_songs(service: Service, open_page: OpenPage) -> None:
    for title in ("river", "mountain", ATTACK):
        order(service, title)
    page = open_page("/#/gallery")
    expect(page.locator(".card")).to_have_count(3)
    assert page.locator(".card img[src=x]").count() == 0
    page.get_by_label("Search title, artist, words").fill("MOUNT")
    expect(page.locator(".card-title")).to_have_text(["mountain"])
    page.get_by_label("Mood").select_option("Sadness")
    expect(page.locator(".card")).to_have_count(0)
    expect(page.get_by_text("No song matches")).to_be_visible()
    page.get_by_label("Mood").select_option("Joyful")
    expect(page.locator(".card-title")).to_have_text(["mountain"])
    page.locator(".card a").click()
    finished(page)
    expect(page.locator("#result-heading")).to_have_text("mountain")


def test_deleting_asks_first(service: Service, open_page: OpenPage) -> None:
    for title in ("one", "two", "three"):
        order(service, title)
    page = open_page("/#/gallery")
    page.get_by_role("button", name="Delete two").click()
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".card")).to_have_count(3)
    page.get_by_role("button", name="Delete two").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(".card-title")).to_have_text(["three", "one"])
    page.get_by_role("button", name="Delete all").click()
    page.locator("#ask").get_by_role("button", name="Delete all").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def test_a_rating_is_kept_and_counted(open_page: OpenPage) -> None:
    page = open_page()
    ask(page)
    finished(page)
    page.get_by_role("button", name=re.compile("^Cover 2,")).click()
    survey = page.locator(".rating")
    survey.get_by_role("radio", name="Calmness").check()
    expect(survey.get_by_role("status")).to_contain_text("Give it stars")
    survey.get_by_role("radio", name="4 stars").check()
    expect(survey.get_by_role("status")).to_contain_text("Saved")
    survey.get_by_role("radio", name="Watercolour").check()
    survey.get_by_role("checkbox").check()
    expect(page.locator(".sleeve .heart").nth(1)).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator(".sleeve .heart").nth(1)).to_be_visible()
    page.get_by_role("button", name=re.compile("^Cover 2,")).click()
    expect(survey.get_by_role("radio", name="4 stars")).to_be_checked()
    expect(survey.get_by_role("radio", name="Calmness")).to_be_checked()
    expect(survey.get_by_role("radio", name="Watercolour")).to_be_checked()
    expect(survey.get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Ratings").click()
    expect(page.locator(".figures dd")).to_have_count(4)
    figures = dict(
        zip(
            page.locator(".figures dt").all_text_contents(),
            page.locator(".figures dd").all_text_contents(),
            strict=True,
        )
    )
    assert figures == {
        "Ratings": "1",
        "Stars of five, on average": "4.0",
        "Favourites": "1",
        "Felt the predicted mood": "0%",
    }
    joyful = page.locator(".matrix tbody tr").nth(3)  # predicted; felt was calmness
    expect(joyful.locator("td")).to_have_text(["0", "0", "0", "0", "1"])
    expect(page.locator(".bars").first).to_contain_text("Painting")
    expect(page.locator(".bars").first).to_contain_text("4.0 from 1 rating")
    expect(page.locator(".bars").last).to_contain_text("Watercolour1 rating")


def test_axe_finds_nothing_in_gallery_and_charts(service: Service, open_page: OpenPage) -> None:
    made = order(service, "one")
    url = f"http://127.0.0.1:{service.port}/v1/covers/{made}/ratings"
    rating = {"rank": 1, "satisfaction": 5, "felt_mood": "Joyful"}
    assert httpx2.put(url, json=rating, trust_env=False).status_code == 204
    for scheme in ("light", "dark"):
        page = open_page("/#/gallery", color_scheme=scheme)
        expect(page.locator(".card")).to_have_count(1)
        assert violations(page) == []
        page.get_by_role("button", name="Delete one").click()
        assert violations(page) == []
        page.get_by_role("button", name="Keep").click()
        page.get_by_role("link", name="Ratings").click()
        expect(page.locator(".matrix")).to_be_visible()
        assert violations(page) == []
