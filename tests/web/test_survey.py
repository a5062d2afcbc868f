"""The survey's page: asked, answered and charted, by mouse, by keyboard, and in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from deployments.config.application import SurveyOptions
from tests.web.browsers import violations
from tests.web.conftest import OpenPage, Service

LINES = (
    "a balloon over the sea",
    "a cat by the window",
    "the moon and a tree",
    "a guitar on stage",
)
QUESTION = "#question .chip"


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Service]:
    """A service with four sets and one cover that a person made."""
    people = tmp_path / "people"
    people.mkdir()
    Image.new("RGB", (512, 512), "#36c").save(people / "Simji - Lamp.png")
    service = Service(
        tmp_path / "data", survey=SurveyOptions(enabled=True, covers_by_people=people)
    )
    for lyrics in LINES:
        body = {"lyrics": lyrics, "candidates": 1}
        httpx2.post(f"http://127.0.0.1:{service.port}/v1/covers", json=body).raise_for_status()
    yield service
    service.stop()


def colours(picture: Locator) -> int:
    """How many colours a picture shows, rounded corners left out."""
    with Image.open(BytesIO(picture.screenshot())) as shown:
        inner = shown.convert("RGB").crop((12, 12, shown.width - 12, shown.height - 3))
        return len(inner.crop((0, 0, inner.width - 12, inner.height)).getcolors(1 << 20) or ())


def asked(page: Page, kind: str) -> None:
    """Ask again until a question of this kind comes."""

    def pick(route: Route) -> None:
        for _ in range(200):
            answer = route.fetch()
            if answer.json()["question"] == kind:
                break
        route.fulfill(response=answer)

    page.route("**/v1/survey/question", pick)
    page.reload()
    page.locator(QUESTION).first.wait_for(state="attached")


def test_a_question_is_answered_and_charted(asking: Service, open_page: OpenPage) -> None:
    page = open_page("/survey", port=asking.port, ready=QUESTION)
    asked(page, "pair")
    expect(page.locator("#results-none")).to_be_visible()
    expect(page.get_by_role("group", name="Which of the two is a real cover?")).to_be_visible()
    expect(page.get_by_role("button", name="Answer")).to_be_disabled()
    assert page.locator(".covered img").count() == 2
    ours = page.locator(".covered", has=page.locator("img[src$='.1']"))
    assert colours(ours) == 1, "the corner with the notice is out of sight"
    page.get_by_role("radio", name="The first").check()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator("#verdict")).to_contain_text("The ")
    captions = page.locator(".pictures figcaption").all_text_contents()
    assert sorted(captions) == ["Made by a person", "Made by an AI"]
    assert page.locator(".covered").count() == 0
    assert colours(page.locator(".pictures img[src$='.1']")) > 10, "now the notice may be seen"
    chart = page.locator("#results .chart")
    expect(chart).to_have_count(1)
    expect(chart).to_contain_text("1 answer")
    expect(chart).to_contain_text("by guessing 50%")
    page.get_by_role("button", name="Next question").click()
    expect(page.get_by_role("button", name="Answer")).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_axe_finds_nothing(asking: Service, open_page: OpenPage, scheme: str, locale: str) -> None:
    page = open_page(
        "/survey", port=asking.port, ready=QUESTION, color_scheme=scheme, locale=locale
    )
    for kind in ("fits", "mood"):
        asked(page, kind)
        assert violations(page) == []
        page.locator(QUESTION).first.click()
        page.locator("#answer").click()
        expect(page.locator("#next")).to_be_focused()
        expect(page.locator("#results .chart").first).to_be_visible()
        assert violations(page) == []


def test_the_keyboard_is_enough(asking: Service, open_page: OpenPage) -> None:
    page = open_page("/survey", port=asking.port, ready=QUESTION)
    asked(page, "keyword")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "answer"
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    chosen = page.locator("#question input:checked").get_attribute("value")
    with page.expect_request("**/v1/survey/answers") as sent:
        page.keyboard.press("Enter")
    assert sent.value.post_data_json["answer"] == chosen
    expect(page.locator("#next")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Answer")).to_be_disabled()


def test_a_phone_never_scrolls_sideways(asking: Service, open_page: OpenPage) -> None:
    phone: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True}
    page = open_page("/survey", port=asking.port, ready=QUESTION, has_touch=True, **phone)
    asked(page, "pair")
    page.locator(QUESTION).last.tap()
    page.get_by_role("button", name="Answer").tap()
    expect(page.locator("#results .chart")).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_without_covers_it_says_what_to_do(open_page: OpenPage, tmp_path: Path) -> None:
    service = Service(tmp_path / "empty", survey=SurveyOptions(enabled=True))
    page = open_page("/survey", port=service.port, ready="#problem:not([hidden])")
    expect(page.locator("#problem")).to_have_text(
        "There are no covers to ask about yet. Draw some first."
    )
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("#problem")).to_contain_text("먼저 커버를 그려 주세요")
    assert page.title() == "설문 · Song DALL-E"
    service.stop()
