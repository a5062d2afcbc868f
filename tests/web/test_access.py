"""For everybody: screen readers, keyboards, small screens, the dark, both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsers import violations
from tests.web.conftest import OpenPage, Service
from tests.web.steps import ask, finished

LANGUAGES = {"en-US": "en", "ko-KR": "ko"}
PHONE = {"width": 360, "height": 740}


def draw(page: Page) -> None:
    page.locator("#example").click()
    page.locator("#candidates").fill("3")
    page.locator("#draw").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", LANGUAGES)
def test_axe_finds_nothing(service: Service, open_page: OpenPage, scheme: str, locale: str) -> None:
    page = open_page(color_scheme=scheme, locale=locale)
    assert violations(page) == []
    page.locator("#finder summary").click()
    page.locator("#more summary").click()
    page.locator("#draw").click()
    expect(page.locator("#lyrics-error")).to_be_visible()
    assert violations(page) == []
    service.painter.held.set()
    draw(page)
    expect(page.locator("[data-stage=prompt]")).to_have_attribute("data-state", "done")
    assert violations(page) == []
    service.painter.held.clear()
    finished(page)
    assert violations(page) == []
    page.locator(".sleeve .open").first.click()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_switch_of_theme_holds(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    paper = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(paper)
    switch = page.get_by_role("button", name="Dark mode")
    expect(switch).to_have_attribute("aria-pressed", str(scheme == "dark").lower())
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", str(scheme == "light").lower())
    after = page.evaluate(paper)
    assert after != before
    page.reload()
    assert page.evaluate(paper) == after


def test_the_language_switch_says_everything_anew(open_page: OpenPage) -> None:
    page = open_page()
    assert page.locator("html").get_attribute("lang") == "en"
    ask(page)
    finished(page)
    page.get_by_role("button", name="한국어").click()
    assert page.locator("html").get_attribute("lang") == "ko"
    expect(page.locator("#draw")).to_have_text("커버 그리기")
    expect(page.locator(".mood-chart .leading")).to_contain_text("기쁨")
    expect(page.locator("[data-stage=cleaned]")).to_contain_text("2줄, 영어")
    expect(page.locator("[data-stage=summary]")).to_contain_text("A balloon over the sea")
    page.reload()
    expect(page.locator("#draw")).to_have_text("커버 그리기")
    expect(page.locator("[data-stage=cleaned]")).to_contain_text("2줄, 영어")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_phone_never_scrolls_sideways(open_page: OpenPage, locale: str) -> None:
    page = open_page(viewport=PHONE, is_mobile=True, has_touch=True, locale=locale)
    page.locator("#finder summary").click()
    page.locator("#more summary").click()
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
    draw(page)
    finished(page)
    assert not page.evaluate(wide)
    page.locator(".sleeve .open").first.tap()
    expect(page.locator("#cover-dialog")).to_be_visible()
    assert not page.evaluate(wide)
    inside = page.locator("#cover-dialog").evaluate("node => node.scrollWidth > node.clientWidth")
    assert not inside


def test_the_keyboard_is_enough(open_page: OpenPage) -> None:
    page = open_page()

    def tab_to(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"Tab never came to {selector}")

    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to("#lyrics")
    page.keyboard.type("a balloon over the sea")
    tab_to("[name=style]")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Watercolour")).to_be_checked()
    tab_to("#candidates")
    for _ in range(9):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#candidates-shown")).to_have_text("3")
    tab_to("#draw")
    page.keyboard.press("Enter")
    finished(page)
    assert page.evaluate("document.activeElement.id") == "draw"
    tab_to(".sleeve .open")
    page.keyboard.press("Enter")
    expect(page.locator("#cover-dialog")).to_be_visible()
    tab_to("[name=satisfaction]")
    page.keyboard.press("Escape")
    expect(page.locator("#cover-dialog")).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('.sleeve .open')")
    tab_to("#prompt")


def test_a_screen_reader_hears_how_it_goes(service: Service, open_page: OpenPage) -> None:
    page = open_page()
    service.painter.held.set()
    ask(page)
    expect(page.get_by_role("status").first).to_have_text("Drawing…")
    service.painter.held.clear()
    expect(page.get_by_role("status").first).to_contain_text("4 covers are finished")
    names = page.locator(".sleeve .open").evaluate_all("all => all.map((b) => b.ariaLabel)")
    assert [name.split(",")[0] for name in names] == [f"Cover {rank}" for rank in range(1, 5)]
    alts = page.locator(".sleeve img").evaluate_all("all => all.map((image) => image.alt)")
    assert all("a painting of a balloon over the sea" in alt for alt in alts)


def test_reduced_motion_stands_still(service: Service, open_page: OpenPage) -> None:
    running = "document.getAnimations().filter((one) => one.playState === 'running').length"
    service.painter.held.set()
    still = open_page()
    moving = open_page(reduced_motion="no-preference")
    for page in (still, moving):
        ask(page)
        expect(page.locator("[data-stage=prompt]")).to_have_attribute("data-state", "done")
    assert still.evaluate(running) == 0
    assert moving.evaluate(running) > 0
