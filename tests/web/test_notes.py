"""The liner notes: who wrote what."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from deployments.contract.messages import StageInfo
from songdalle_core.translation import Translation
from tests.web.conftest import OpenPage, Service
from tests.web.steps import ask, finished


def translate_by(service: Service, model: str, stand_in: str | None) -> None:
    """Make `model` the translator, for which `stand_in` does the work."""
    fake = service.application.runner.pipeline.calls.stages.translator.target

    async def describe() -> StageInfo:
        return StageInfo("translator", model)

    async def translate(sentence: str) -> Translation:
        return Translation(sentence, stand_in=stand_in)

    fake.describe, fake.translate = describe, translate


@pytest.mark.parametrize(
    ("model", "stand_in", "remarks"),
    [
        ("gloss", None, []),
        ("papago", None, ["Translated by NAVER Papago"]),
        (
            "papago",
            "marian",
            [
                "Translated by NAVER Papago",
                "Translated in part or whole by marian: the chosen translator failed",
            ],
        ),
    ],
)
def test_translators_are_named(
    open_page: OpenPage, service: Service, model: str, stand_in: str | None, remarks: list[str]
) -> None:
    """While the covers are drawn, and of a set that is looked at again."""
    translate_by(service, model, stand_in)
    page = open_page()
    service.painter.held.set()
    ask(page)
    shown = page.locator("[data-stage=translation] .remark")
    expect(page.locator("[data-stage=translation]")).to_have_attribute("data-state", "done")
    expect(shown).to_have_text(remarks)
    service.painter.held.clear()
    finished(page)
    page.reload()
    finished(page)
    expect(shown).to_have_text(remarks)
