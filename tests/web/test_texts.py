"""Texts of any length and kind: nothing is markup, nothing is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import OpenPage
from tests.web.steps import ask, finished, state

ATTACK = """<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>"""


def paste(page: Page, text: str) -> None:
    """Put a text into the focused field as the clipboard does."""
    page.evaluate(
        """(text) => {
            const field = document.activeElement;
            field.setRangeText(text, 0, field.value.length, "end");
            field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertFromPaste" }));
        }""",
        text,
    )


def elements(page: Page) -> int:
    return int(page.evaluate("document.querySelectorAll('*').length"))


def test_scripts_in_lyrics_and_names_are_shown_as_text(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, lyrics=f"{ATTACK}\na balloon", title=ATTACK)
    finished(page)
    expect(page.locator("#result-heading")).to_have_text(ATTACK)
    expect(page.locator("[data-stage=summary]")).to_contain_text("<img src=x onerror")
    assert page.locator(".outcome script, .outcome img[src=x], .outcome [onerror]").count() == 0
    page.locator(".sleeve .open").first.click()
    expect(page.locator("#cover-dialog")).to_be_visible()
    assert page.title() == "Song DALL-E"


def test_500_lines_are_sent_whole_and_grow_no_page(open_page: OpenPage) -> None:
    """Every line would be an element in a page that gets slow; here the browser's own field holds them."""
    page = open_page()
    text = "\n".join(f"{i}번째 줄에 노란 풍선이 떠오르네" for i in range(500))
    page.locator("#lyrics").focus()
    before = elements(page)
    paste(page, text)
    expect(page.locator("#lyrics-count")).to_contain_text("500 lines")
    assert elements(page) == before
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Draw covers").click()
    assert sent.value.post_data_json["lyrics"] == text
    finished(page)


def test_too_many_characters_are_refused_before_they_are_sent(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#lyrics").focus()
    paste(page, "가" * 20_001)
    page.get_by_role("button", name="Draw covers").click()
    expect(page.locator("#lyrics-error")).to_contain_text("20,001")
    expect(page.locator("#lyrics")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#lyrics")).to_be_focused()


def test_no_lyrics_no_drawing(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Draw covers").click()
    expect(page.locator("#lyrics-error")).to_be_visible()
    page.locator("#lyrics").fill("a balloon")
    expect(page.locator("#lyrics-error")).to_be_hidden()


def test_what_the_service_cannot_draw_is_said_in_its_words(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, lyrics="12345 !!!")
    state(page, "failed")
    expect(page.get_by_role("alert").filter(has_text="nothing to draw")).to_be_visible()
    page.locator("#lyrics").fill("a balloon")
    page.get_by_role("button", name="Draw covers").click()
    finished(page)


@pytest.mark.parametrize("seed", ["-1", "4294967296", "1e3", "seven"])
def test_a_wrong_seed_is_named(open_page: OpenPage, seed: str) -> None:
    page = open_page()
    page.locator("#lyrics").fill("a balloon")
    page.locator("#more summary").click()
    page.locator("#seed").fill(seed)
    page.get_by_role("button", name="Draw covers").click()
    expect(page.locator("#seed-error")).to_be_visible()
    expect(page.locator("#seed")).to_be_focused()


def test_the_draft_is_there_after_a_reload(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#lyrics").fill("a line\nanother")
    page.locator("#title").fill("Draft")
    page.get_by_role("radio", name="Watercolour").check()
    page.get_by_role("radio", name="Tension").check()
    page.reload()
    expect(page.locator("#lyrics")).to_have_value("a line\nanother")
    expect(page.locator("#title")).to_have_value("Draft")
    expect(page.get_by_role("radio", name="Watercolour")).to_be_checked()
    expect(page.get_by_role("radio", name="Tension")).to_be_checked()


@pytest.mark.parametrize("prompt", ["!!!", "a nude woman by the sea"])
def test_a_refused_round_leaves_the_covers_and_the_prompt(open_page: OpenPage, prompt: str) -> None:
    """The one is refused at once, the other by the rules of the service, when its job has begun."""
    page = open_page()
    ask(page)
    finished(page)
    before = page.url
    page.locator("#prompt").fill(prompt)
    page.get_by_role("button", name="Draw this prompt").click()
    expect(page.locator("#prompt-error")).to_contain_text("prompt")
    expect(page.locator("#prompt")).to_have_value(prompt)
    expect(page.locator("#prompt")).to_be_focused()
    expect(page.locator(".sleeve[data-state=ranked]")).to_have_count(4)
    assert page.url == before
