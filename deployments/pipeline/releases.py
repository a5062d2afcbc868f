"""From a stored cover to a release: finished anew or enlarged, set in type, encoded, signed."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from deployments.config.application import ReleaseOptions
from deployments.contract.covers import CoverSet
from deployments.contract.errors import (
    NotFound,
    Overloaded,
    StageTimeout,
    StageUnavailable,
    Unfit,
)
from deployments.contract.messages import FinishedAnew, FinishRequest
from deployments.contract.release import ReleaseFacts, ReleaseRequest
from deployments.pipeline.stage_calls import StageCalls
from deployments.storage.pictures import ImageStore
from songdalle_core.drawings import CoverDrawing
from songdalle_core.provenance import CoverMetadata, label_image
from songdalle_core.release import ReleaseError, Sleeve, SleeveText, make_back, make_front
from songdalle_core.release.files import encode
from songdalle_core.release.signing import Certificate, ManifestSigner, SigningError
from songdalle_core.release.upscaling import enlarged

Pixels = npt.NDArray[np.uint8]

AT_ONCE = 1  # a sleeve of 3000 pixels takes some 400 MB while it is made
WAITING = 8
RETRY_AFTER = 10  # seconds, about what two sleeves take
_SAME = 2.0  # mean difference of levels, up to which two pictures are one


@dataclass(frozen=True)
class Release:
    """A finished file."""

    content: bytes
    media_type: str
    facts: ReleaseFacts


@dataclass(frozen=True)
class _Picture:
    """A cover at the size wanted, without its notice, and what its subjects cover, if known."""

    pixels: Pixels
    subject: Pixels | None
    anew: bool


class ReleaseMaker:
    """Makes releases, one after another, on threads.

    Args:
        store: keeps the covers and what they were drawn from.
        signer: signs, where the operator has a certificate.
    """

    def __init__(
        self, calls: StageCalls, store: ImageStore, signer: ManifestSigner | None = None
    ) -> None:
        self._calls = calls
        self._store = store
        self._signer = signer
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def make(self, covers: CoverSet, rank: int, asked: ReleaseRequest) -> Release:
        """The release of a set's cover.

        Raises:
            NotFound: the set has no such rank.
            Unfit: a field cannot be accepted.
            Overloaded: too many releases wait.
            StageTimeout: it took longer than the time-out for releases.
        """
        cover = next((cover for cover in covers.covers if cover.rank == rank), None)
        if cover is None:
            raise NotFound(f"the cover set {covers.id} has no picture of rank {rank}")
        text = _text(covers, asked)
        limit = self._calls.timeouts.release
        try:
            async with asyncio.timeout(limit), self._turn():
                drawing = await asyncio.to_thread(self._drawing, covers.id, rank)
                stored = await asyncio.to_thread(self._stored, covers.id, rank, drawing)
                picture = await self._picture(covers, drawing, stored, asked)
                seed = cover.seed if asked.seed is None else asked.seed
                metadata = CoverMetadata(covers.prompt, seed, covers.models["generator"])
                return await asyncio.to_thread(self._finished, picture, text, asked, seed, metadata)
        except TimeoutError:
            raise StageTimeout(f"the release took longer than {limit:g} s: try again") from None

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait for a turn, in a line that has an end."""
        if self._waiting >= WAITING:
            raise Overloaded(f"{self._waiting} releases wait already", RETRY_AFTER)
        self._waiting += 1
        try:
            await self._gate.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._gate.release()

    def _drawing(self, id: str, rank: int) -> CoverDrawing | None:
        """What a cover was drawn from; None for those from before it was kept."""
        try:
            return CoverDrawing.unpacked(self._store.drawing(id, rank))
        except (NotFound, ValueError):
            return None

    def _stored(self, id: str, rank: int, drawing: CoverDrawing | None) -> Pixels:
        """The stored picture, without its notice where what lies under it is known."""
        with Image.open(io.BytesIO(self._store.read(id, rank))) as image:
            labelled = np.asarray(image.convert("RGB"))
        return labelled if drawing is None else drawing.uncovered(labelled)

    async def _picture(
        self, covers: CoverSet, drawing: CoverDrawing | None, stored: Pixels, asked: ReleaseRequest
    ) -> _Picture:
        if drawing is None and not asked.notice:
            raise Unfit(
                "this cover was drawn before the service kept what lies under the notice: "
                "draw it again, or leave the notice in",
                "notice",
            )
        if drawing is not None and drawing.codes is not None:
            finished = await self._anew(
                FinishRequest(covers.prompt, drawing.seeds, drawing.codes, asked.size, len(stored))
            )
            # Other weights, or another finish, than when it was drawn would give another picture
            if finished is not None and _alike(finished.proof, stored):
                return _Picture(finished.pixels, finished.subject, anew=True)
        return _Picture(await asyncio.to_thread(enlarged, stored, asked.size), None, anew=False)

    async def _anew(self, asked: FinishRequest) -> FinishedAnew | None:
        generator = self._calls.stages.generator
        try:
            return await self._calls.call("generator", lambda: generator.finish_anew.remote(asked))
        except StageUnavailable:  # restarting: what is stored can still be enlarged
            return None

    def _finished(
        self,
        picture: _Picture,
        text: SleeveText,
        asked: ReleaseRequest,
        seed: int,
        metadata: CoverMetadata,
    ) -> Release:
        try:
            sleeve = _sleeve(picture, text, asked, seed)
        except ReleaseError as refused:
            raise Unfit(str(refused), refused.field) from None
        pixels = label_image(sleeve.pixels, metadata.notice) if asked.notice else sleeve.pixels
        file = encode(pixels, asked.format, metadata, text.title, text.artist)
        content = file.content
        if self._signer is not None:
            typeset = sleeve.contrast is not None
            try:
                content = self._signer.signed(
                    content, file.media_type, text.title, metadata.model, typeset
                )
            except SigningError as error:
                raise StageUnavailable(str(error)) from error
        facts = ReleaseFacts(
            layout=sleeve.layout,
            size=asked.size,
            bytes=len(content),
            fits=file.fits,
            quality=file.quality,
            made="finished anew" if picture.anew else "enlarged",
            notice="visible" if asked.notice else "metadata",
            signed=self._signer is not None,
            contrast=sleeve.contrast,
        )
        return Release(content, file.media_type, facts)


def signer_of(options: ReleaseOptions | None) -> ManifestSigner | None:
    """The signer that the configuration asks for.

    Raises:
        SigningError: it cannot sign; better said at the start than to the first user.
    """
    if options is None or options.certificate is None:
        return None
    return ManifestSigner(Certificate(**options.certificate.model_dump()))


def _text(covers: CoverSet, asked: ReleaseRequest) -> SleeveText:
    title = covers.title if asked.title is None else asked.title
    artist = covers.artist if asked.artist is None else asked.artist
    title, artist = (" ".join((name or "").split()) for name in (title, artist))
    return SleeveText(title, artist, tuple(asked.tracks))


def _sleeve(picture: _Picture, text: SleeveText, asked: ReleaseRequest, seed: int) -> Sleeve:
    if asked.face == "back":
        return make_back(picture.pixels, text)
    return make_front(picture.pixels, text, asked.layout, seed, picture.subject)


def _alike(one: Pixels, other: Pixels) -> bool:
    if one.shape != other.shape:
        return False
    return float(np.abs(one.astype(np.int16) - other).mean()) <= _SAME
