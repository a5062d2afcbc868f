"""A service that wants a key."""

from __future__ import annotations

import hashlib

from playwright.sync_api import expect

from deployments.config.user_config import AccessKey, AccessTunables
from tests.web.conftest import OpenPage, Service
from tests.web.steps import ask, finished

KEY = "a key of a visitor"


def test_the_page_asks_for_the_key_and_keeps_the_draft(
    service: Service, open_page: OpenPage
) -> None:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    service.application.guard.tunables = AccessTunables(
        keys=(AccessKey(name="visitor", sha256=digest),)
    )
    page = open_page()
    ask(page, covers=2)
    expect(page.locator("#ask")).to_be_visible()
    page.locator("#key").fill(KEY)
    page.get_by_role("button", name="Use this key").click()
    expect(page.locator("#ask")).to_be_hidden()
    expect(page.locator("#title")).to_have_value("Sky")
    page.locator("#draw").click()
    finished(page)
    with page.expect_download():
        page.get_by_role("button", name="Download all").click()
    page.get_by_role("link", name="Gallery").click()
    expect(page.locator(".card")).to_have_count(1)
