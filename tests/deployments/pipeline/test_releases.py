"""Releases: finished anew where that gives the stored picture, enlarged elsewhere; one at a time."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from deployments.config.application import CertificateOptions, ReleaseOptions
from deployments.contract.errors import Overloaded, StageTimeout, Unfit
from deployments.contract.messages import FinishedAnew, FinishRequest
from deployments.contract.release import ReleaseRequest
from deployments.pipeline import releases
from deployments.pipeline.releases import ReleaseMaker, signer_of
from deployments.pipeline.stage_calls import StageCalls, Stages
from deployments.storage.pictures import CoverStore
from songdalle_core.drawings import CoverDrawing
from songdalle_core.provenance import CoverMetadata, covered_corner, encode_png
from songdalle_core.release.signing import SigningError, read_manifest
from songdalle_core.seeds import CoverSeeds
from tests.deployments.sets import covers
from tests.release.certificates import make_certificate
from tests.release.pictures import half_busy

SET = covers(title="바다")
ASKED = ReleaseRequest(size=1000, notice=False, layout="none", format="png")
PICTURE = half_busy(400)
SEEDS = CoverSeeds(1, 2, 3)
CODES = np.arange(256, dtype=np.uint16).reshape(1, 8, 8, 4)


def maker(stages: Stages, folder: Path, *, kept: bool = True) -> ReleaseMaker:
    drawing = CoverDrawing(SEEDS, CODES, covered_corner(PICTURE)).packed()
    store = CoverStore(folder)
    png = encode_png(PICTURE, CoverMetadata("", 1, "m"))
    store.save(SET.id, [png], [drawing] if kept else [])
    return ReleaseMaker(StageCalls(stages), store)


def painter(proof: np.ndarray) -> object:
    def anew(asked: FinishRequest) -> FinishedAnew:
        assert (asked.seeds, asked.side, asked.proof) == (SEEDS, 1000, 400)
        assert np.array_equal(asked.codes, CODES)
        pixels = cv2.resize(PICTURE, (1000, 1000), interpolation=cv2.INTER_NEAREST)
        return FinishedAnew(np.asarray(pixels, np.uint8), None, proof)

    return anew


def test_a_cover_that_can_be_painted_again_is(stages: Stages, tmp_path: Path) -> None:
    stages.generator.target.anew = painter(PICTURE)
    made = asyncio.run(maker(stages, tmp_path).make(SET, 1, ASKED))
    assert (made.facts.made, made.facts.size) == ("finished anew", 1000)


def test_another_picture_than_the_stored_one_is_not_taken(stages: Stages, tmp_path: Path) -> None:
    """As after a change of the weights."""
    stages.generator.target.anew = painter(255 - PICTURE)
    assert asyncio.run(maker(stages, tmp_path).make(SET, 1, ASKED)).facts.made == "enlarged"


def test_a_cover_from_before_drawings_were_kept_has_its_notice(
    stages: Stages, tmp_path: Path
) -> None:
    old = maker(stages, tmp_path, kept=False)
    with pytest.raises(Unfit, match="draw it again") as refused:
        asyncio.run(old.make(SET, 1, ASKED))
    assert refused.value.field == "notice"
    shown = ASKED.model_copy(update={"notice": True})
    assert asyncio.run(old.make(SET, 1, shown)).facts.made == "enlarged"


def test_the_line_has_an_end_and_a_time_out(
    stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()
    full = maker(stages, tmp_path)
    monkeypatch.setattr(releases, "enlarged", lambda *_: held.wait(30) and PICTURE)
    monkeypatch.setattr(
        full._calls, "timeouts", full._calls.timeouts.model_copy(update={"release": 0.5})
    )

    async def crowd() -> list[BaseException]:
        tasks = [asyncio.create_task(full.make(SET, 1, ASKED)) for _ in range(releases.WAITING + 3)]
        failures = await asyncio.gather(*tasks, return_exceptions=True)
        held.set()
        return [failure for failure in failures if isinstance(failure, BaseException)]

    failures = asyncio.run(crowd())
    kinds = [type(failure) for failure in failures]
    assert kinds.count(Overloaded) == 2
    assert kinds.count(StageTimeout) == releases.WAITING + 1


def test_a_certificate_signs(stages: Stages, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    options = CertificateOptions(chain=certificate.chain, key=certificate.key)
    signing = maker(stages, tmp_path / "data")
    signing._signer = signer_of(ReleaseOptions(certificate=options))
    made = asyncio.run(signing.make(SET, 1, ASKED))
    assert made.facts.signed
    manifest = read_manifest(made.content, made.media_type)
    assert manifest is not None
    assert (manifest["state"], manifest["title"]) == ("Valid", "바다")


def test_a_certificate_that_is_none_is_said_at_the_start(tmp_path: Path) -> None:
    options = CertificateOptions(chain=tmp_path / "a.pem", key=tmp_path / "b.pem")
    with pytest.raises(SigningError, match=r"a\.pem cannot be read"):
        signer_of(ReleaseOptions(certificate=options))
    assert signer_of(ReleaseOptions()) is None
