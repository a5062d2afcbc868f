"""The page below a prefix that the service knows, and one that a proxy hides; and before its scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect
from starlette.responses import Response

from tests.web.conftest import OpenPage, Service
from tests.web.steps import ask, finished, shown


def knowing(app: Any) -> Any:
    """As Serve's `route_prefix`: the prefix stays in the path and stands in `root_path`."""

    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        scope = {**scope, "root_path": "/art/covers"} if scope["type"] == "http" else scope
        await app(scope, receive, send)

    return mounted


def hidden(app: Any) -> Any:
    """As a proxy that takes the prefix away and tells nobody."""

    async def proxy(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": scope["path"].removeprefix("/art/covers") or "/"}
        await app(scope, receive, send)

    return proxy


def below(inner: Any) -> Any:
    """The application below /art/covers, and nothing beside it."""

    async def server(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or scope["path"].startswith("/art/covers"):
            await inner(scope, receive, send)
        else:
            await Response("not here", 404)(scope, receive, send)

    return server


@pytest.fixture(params=[knowing, hidden])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path / "below", lambda app: below(request.param(app)))
    yield service
    service.stop()


def test_a_page_below_a_prefix_draws_shows_and_rates(served: Service, open_page: OpenPage) -> None:
    page = open_page("/art/covers/", port=served.port)
    ask(page, covers=2)
    finished(page)
    root = f"http://127.0.0.1:{served.port}/art/covers/"
    assert page.url.startswith(f"{root}#/covers/")
    assert all(url.startswith(f"{root}v1/covers/") for url in shown(page))
    loaded = "all => all.map((image) => image.complete && image.naturalWidth)"
    expect(page.locator(".front img")).to_be_visible()
    assert all(page.locator(".sleeve img").evaluate_all(loaded))
    page.locator(".sleeve .open").first.click()
    expect(page.locator("#cover-dialog img.large")).to_be_visible()
    assert page.locator("#cover-dialog img.large").evaluate_all(loaded) == [64]
    page.keyboard.press("Escape")
    page.reload()
    finished(page)
    page.get_by_role("link", name="Gallery").click()
    expect(page.locator(".card img")).to_have_count(1)
    page.get_by_role("link", name="Ratings").click()
    expect(page.locator("#view-ratings")).to_be_visible()
    assert page.get_by_role("link", name="API").evaluate("(link) => link.href") == f"{root}docs"


def test_a_job_under_way_is_followed_below_a_prefix(served: Service, open_page: OpenPage) -> None:
    page = open_page("/art/covers/", port=served.port)
    served.painter.held.set()
    ask(page, covers=2)
    page.wait_for_url("**/#/covers/*")
    page.reload()
    served.painter.held.clear()
    finished(page)


def test_without_its_slash_the_prefix_leads_to_the_page(browser: Browser, tmp_path: Path) -> None:
    service = Service(tmp_path / "below", lambda app: below(knowing(app)))
    page = browser.new_page()
    try:
        page.goto(f"http://127.0.0.1:{service.port}/art/covers")
        assert page.url == f"http://127.0.0.1:{service.port}/art/covers/"
    finally:
        page.close()
        service.stop()


@pytest.mark.parametrize(
    ("locale", "words"), [("en-US", "not all here yet"), ("ko-KR", "다 불러오지")]
)
def test_a_click_before_the_scripts_are_there_says_so(
    service: Service, browser: Browser, locale: str, words: str
) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    held: list[Route] = []
    page.route("**/web/app.js", lambda route: held.append(route))
    page.goto(f"http://127.0.0.1:{service.port}/", wait_until="commit")
    said = page.locator(".unready")
    page.locator("#lyrics").fill("A balloon over the sea")
    expect(said).to_be_hidden()
    page.locator("#draw").click()
    expect(said).to_be_visible()
    expect(said.get_by_text(words)).to_be_visible()
    assert page.locator("#lyrics").input_value() == "A balloon over the sea"
    held[0].continue_()
    expect(said).to_be_hidden()
    page.locator("#draw").click()
    finished(page)
    context.close()


def test_scripts_that_never_come_are_said(service: Service, browser: Browser) -> None:
    page = browser.new_page()
    page.route("**/web/drawing.js", lambda route: route.abort())
    page.goto(f"http://127.0.0.1:{service.port}/")
    expect(page.locator(".unready")).to_be_visible()
    page.close()
