"""What a visitor does and sees, for several tests."""

from __future__ import annotations

from playwright.sync_api import Page, expect

LYRICS = "A balloon over the sea\nand nothing else"


def ask(page: Page, lyrics: str = LYRICS, title: str = "Sky", covers: int = 4) -> None:
    """Fill in the form and send it."""
    page.get_by_label("Title", exact=True).fill(title)
    page.locator("#lyrics").fill(lyrics)
    page.locator("#candidates").fill(str(covers))
    page.get_by_role("button", name="Draw covers").click()


def finished(page: Page) -> None:
    """Wait for the ranked covers."""
    expect(page.locator(".outcome")).to_have_attribute("data-state", "done")


def state(page: Page, wanted: str) -> None:
    """Wait for a state of the drawing: working, done, failed, cancelled."""
    expect(page.locator(".outcome")).to_have_attribute("data-state", wanted)


def shown(page: Page) -> list[str]:
    """Addresses of the covers, best first."""
    return page.locator(".sleeve img").evaluate_all("all => all.map((image) => image.src)")
