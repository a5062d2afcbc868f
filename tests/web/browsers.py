"""A Chromium for tests: the system's, without a window and without errands of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def launched() -> Iterator[Browser]:
    """A running browser; without one the test is skipped, but for CI, which has to have it."""
    program = os.environ.get("SONGDALLE_BROWSER") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    if program is None:
        reason = "no Chromium: apt install chromium, or name one in SONGDALLE_BROWSER"
        assert "CI" not in os.environ, reason
        pytest.skip(reason)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, headless=True, args=SWITCHES)
        yield browser
        browser.close()


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands, with the elements."""
    broken_rules = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in broken_rules]
