"""What may come between a visitor and the covers: a change of mind, a bad line, a busy or absent service."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Page, expect

from deployments.config.user_config import JobTunables
from deployments.contract.errors import Overloaded
from tests.proxy import Proxy
from tests.web.conftest import OpenPage, Service
from tests.web.steps import ask, finished, state


@pytest.fixture
def proxy(service: Service) -> Iterator[Proxy]:
    proxy = Proxy(service.port)
    yield proxy
    proxy.close()


def drawing(page: Page) -> None:
    """Wait until previews are shown."""
    expect(page.locator(".sleeve[data-state=drawing] img").first).to_be_visible()


def test_cancelling_stops_the_drawing_and_no_other(service: Service, open_page: OpenPage) -> None:
    mine, other = open_page(), open_page()
    service.painter.held.set()
    for page in (mine, other):
        ask(page)
        expect(page.locator("#cancel")).to_be_enabled()
        page.wait_for_url("**/#/covers/*")
    mine.locator("#cancel").click()
    state(mine, "cancelled")
    assert service.painter.drawn == 0
    service.painter.held.clear()
    finished(other)
    assert service.painter.drawn == 4
    expect(mine.get_by_role("button", name="Draw covers")).to_be_enabled()
    ask(mine)
    finished(mine)


def test_a_lost_connection_is_said_and_taken_up_again(
    service: Service, proxy: Proxy, open_page: OpenPage
) -> None:
    page = open_page(port=proxy.port)
    service.painter.held.set()
    ask(page)
    page.wait_for_url("**/#/covers/*")
    expect(page.locator("[data-stage=prompt]")).to_have_attribute("data-state", "done")
    resumed: list[str | None] = []
    page.on(
        "request",
        lambda request: (
            request.url.endswith("/events") and resumed.append(request.headers.get("last-event-id"))
        ),
    )
    proxy.cut()
    expect(page.locator(".lost")).to_be_visible()
    expect(page.locator("#cancel")).to_be_visible()
    proxy.mend()
    expect(page.locator(".lost")).to_be_hidden()
    service.painter.held.clear()
    finished(page)
    assert len(page.locator(".sleeve[data-state=ranked]").all()) == 4
    assert resumed
    assert int(resumed[-1] or 0) >= 6  # queued, cleaned, summary, translation, sentiment, prompt
    assert service.painter.drawn == 4  # the job was taken up, not drawn again


def test_an_order_that_was_sent_twice_is_drawn_once(
    service: Service, proxy: Proxy, open_page: OpenPage
) -> None:
    """The line is cut before the page knows the job's id: it sends the order again, with the same key."""
    page = open_page(port=proxy.port)
    keys: list[str | None] = []
    page.on(
        "request",
        lambda request: (
            request.method == "POST" and keys.append(request.headers.get("idempotency-key"))
        ),
    )
    proxy.cut()
    ask(page)
    expect(page.locator(".lost")).to_be_visible()
    proxy.mend()
    finished(page)
    assert len(keys) > 1
    assert len(set(keys)) == 1
    assert keys[0]
    assert service.painter.drawn == 4


def test_a_reload_in_the_middle_takes_the_drawing_up(service: Service, open_page: OpenPage) -> None:
    page = open_page()
    service.painter.held.set()
    ask(page)
    page.wait_for_url("**/#/covers/*")
    page.reload()
    expect(page.locator("[data-stage=prompt]")).to_have_attribute("data-state", "done")
    expect(page.locator("#result-heading")).to_have_text("Sky")
    expect(page.locator(".sleeve")).to_have_count(4)
    service.painter.held.clear()
    finished(page)
    assert service.painter.drawn == 4


def test_a_busy_service_is_said_and_can_be_asked_again(
    service: Service, open_page: OpenPage
) -> None:
    page = open_page()
    service.application.runner.tunables = JobTunables(
        pauses_s=()
    )  # or the job would try again itself
    service.painter.failures = [Overloaded("too many requests wait for the generator", 5)]
    ask(page)
    state(page, "failed")
    expect(page.get_by_role("alert").filter(has_text="too many requests")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    finished(page)


def test_an_absent_service_is_waited_for(open_page: OpenPage, proxy: Proxy) -> None:
    page = open_page(port=proxy.port)
    proxy.cut()
    ask(page)
    expect(page.locator(".lost")).to_be_visible()
    page.locator("#cancel").click()
    state(page, "cancelled")
    proxy.mend()
    ask(page)
    finished(page)


def test_an_address_of_nothing_is_said(open_page: OpenPage, service: Service) -> None:
    page = open_page("/#/covers/" + "0" * 32)
    expect(page.locator("#problem")).to_contain_text("0" * 32)
    assert httpx2.get(f"http://127.0.0.1:{service.port}/", trust_env=False).status_code == 200
