"""A visitor's way through the page, over the real models; tests/web looks at each step of it closely."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from songdalle_core.provenance import NOTICE
from tests.web.browsers import launched

LYRICS = "노란 풍선 하나 손에 쥐고\n푸른 하늘 위로 날아가고 싶어\n라라라 웃으며 춤추는 오늘"
PATIENCE_MS = 120_000
# Counts the pictures that were shown before they were finished: they may be gone before one looks.
COUNT_PREVIEWS = """
window.previews = 0;
new MutationObserver((changes) => {
    window.previews += changes.filter(({ target }) => target.src?.startsWith("data:image/webp")).length;
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["src"] });
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(locale="ko-KR")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.add_init_script(COUNT_PREVIEWS)
    page.goto(address)
    yield page
    context.close()
    assert complaints == []


def test_from_a_lyric_to_the_gallery(page: Page, client: httpx2.Client) -> None:
    page.get_by_label("제목", exact=True).fill("풍선")
    page.locator("#lyrics").fill(LYRICS)
    page.locator("#candidates").fill("4")
    page.get_by_role("button", name="커버 그리기").click()
    expect(page.locator(".outcome")).to_have_attribute("data-state", "done", timeout=PATIENCE_MS)
    assert (
        page.evaluate("window.previews") > 4
    )  # the four finished ones are such pictures too, at first
    expect(page.locator(".rank")).to_have_text(["1", "2", "3", "4"])
    expect(page.locator(".sleeve img").last).to_have_attribute("src", re.compile(r"/4\.png$"))
    sides = page.locator(".sleeve img").evaluate_all("all => all.map((one) => one.naturalWidth)")
    assert min(sides) >= 64
    expect(page.locator(".front-caption")).to_contain_text(NOTICE)
    made = client.get(f"/v1/covers/{page.url.rsplit('/', 1)[1]}").json()
    expect(page.locator("[data-stage=prompt]")).to_contain_text(made["prompt"])
    expect(page.locator("[data-stage=summary]")).to_contain_text(made["summary"])
    page.get_by_role("link", name="보관함").click()
    page.get_by_label("제목, 가수, 낱말로 찾기").fill("풍선")
    expect(page.locator(".card-title").first).to_have_text("풍선")
    page.get_by_role("button", name="풍선 지우기").first.click()
    page.get_by_role("button", name="지우기", exact=True).click()
    expect(page.locator("#announcer")).to_have_text("지웠습니다.")
    assert client.get(f"/v1/covers/{made['id']}").status_code == 404


def test_the_page_comes_with_its_headers_through_the_proxy(client: httpx2.Client) -> None:
    first = client.get("/")
    assert first.headers["content-security-policy"].startswith("default-src 'none'")
    again = client.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
