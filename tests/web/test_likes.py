"""More like this, a part anew, and the family of a set, in a browser."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from deployments.contract.messages import DrawRequest
from tests.web.browsers import violations
from tests.web.conftest import OpenPage, Service
from tests.web.steps import ask, finished


@pytest.fixture
def drawings(service: Service) -> list[DrawRequest]:
    """What the generator is asked for; its covers have codes."""
    service.painter.codes = np.zeros((2, 8, 8, 4), dtype=np.uint16)
    service.painter.asked = []
    return service.painter.asked


def opened(page: Page) -> None:
    """Draw a set and open the knobs of its best cover."""
    ask(page, covers=2)
    finished(page)
    page.locator(".sleeve .open").first.click()
    page.locator(".likes summary").click()


def test_knobs_draw_more_like_a_cover_and_the_sets_are_a_family(
    open_page: OpenPage, drawings: list[DrawRequest]
) -> None:
    page = open_page()
    opened(page)
    assert violations(page) == []
    page.locator("#like-codes").fill("50")
    page.get_by_label("Everything stands where it stood").check()
    first = page.url
    page.get_by_role("button", name="Draw more like this").click()
    page.wait_for_url(lambda url: url != first)
    finished(page)
    kept = drawings[-1].kept
    assert kept is not None
    assert (kept.share, kept.composition, kept.finish) == (0.5, True, False)
    parent = page.locator(".family a")
    expect(parent).to_have_count(1)
    expect(parent).to_contain_text("It goes on from this")
    assert violations(page) == []
    parent.click()
    expect(page).to_have_url(first)
    expect(page.locator(".family a")).to_contain_text("Goes on from it")


def test_a_part_is_drawn_anew(open_page: OpenPage, drawings: list[DrawRequest]) -> None:
    page = open_page()
    opened(page)
    page.locator("#like-layer").select_option("1")
    page.locator("#like-place").select_option("lower-right")
    first = page.url
    page.get_by_role("button", name="Draw this part anew").click()
    page.wait_for_url(lambda url: url != first)
    finished(page)
    kept = drawings[-1].kept
    assert kept is not None
    assert kept.part is not None
    assert (kept.part.layer, kept.part.top, kept.part.left) == (1, 4, 4)


def test_where_nothing_would_change_it_is_said(
    open_page: OpenPage, drawings: list[DrawRequest]
) -> None:
    page = open_page()
    opened(page)
    page.get_by_label("Everything stands where it stood").check()
    page.get_by_label("Light, weather and strokes stay").check()
    page.get_by_role("button", name="Draw more like this").click()
    expect(page.locator(".likes .wrong")).to_contain_text("nothing would change")
    assert len(drawings) == 1
