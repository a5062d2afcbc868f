"""A set's covers in one file."""

import io
import zipfile
from collections.abc import Callable

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from deployments.api.openapi import INVALID, NOT_FOUND, UNEXPECTED
from deployments.api.paths import below_prefix, prefix_of
from deployments.api.requests import client_of
from deployments.api.routes import archive
from deployments.api.routes.covers import CoverId
from deployments.api.service import Service
from deployments.contract.covers import COVERS, CoverSet
from deployments.contract.errors import NotFound

MEDIA_TYPE = "application/zip"


def build(service: Service) -> APIRouter:
    """The route of the zip file."""
    router = APIRouter(tags=["covers"])

    @router.get(
        f"{COVERS}/{{cover_id}}/covers.zip",
        summary="Get all covers of a set",
        response_class=Response,
        responses={
            200: {
                "description": "A zip file with the PNGs, the set's facts without the lyrics, and a notice "
                "that an AI drew them.",
                "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
            },
            404: NOT_FOUND,
            422: INVALID,
            500: UNEXPECTED,
        },
    )
    async def get_archive(cover_id: CoverId, request: Request) -> Response:
        """The pictures are those that `images/{rank}.png` gives."""
        state = await service.runner.job_queue.state(cover_id, client_of(request))
        made: CoverSet | None = state.answer
        if made is None:
            raise NotFound(f"the covers of {cover_id} are not finished: ask again when they are")
        made = below_prefix(made, prefix_of(request))
        packed = await run_in_threadpool(
            archive.pack, made, lambda rank: service.store.read(cover_id, rank)
        )
        saved = {"Content-Disposition": f'attachment; filename="covers-{cover_id}.zip"'}
        return Response(packed, media_type=MEDIA_TYPE, headers=saved)

    return router


TEXT = """\
{notice}

These album covers were drawn by an AI from the words of a song; no person painted them. Each picture says so in
its corner and in its metadata. If you show or pass them on, say so too.

이 앨범 커버는 AI가 노래 가사를 보고 그렸으며 사람이 그린 것이 아닙니다. 그림마다 모서리와 메타데이터에
그 사실이 적혀 있습니다. 보여 주거나 나누어 줄 때에도 함께 알려 주세요.

Prompt: {prompt}
Generator: {generator}
Made: {made:%Y-%m-%d %H:%M} UTC
"""


def pack(covers: CoverSet, read: Callable[[int], bytes]) -> bytes:
    """The zip file of a set: NOTICE.txt, covers.json without the lyrics, and `<rank>.png` for each cover.

    Args:
        covers: the set.
        read: the PNG of a rank.
    """
    notice = TEXT.format(
        notice=covers.notice,
        prompt=covers.prompt,
        generator=covers.models.get("generator", ""),
        made=covers.created_at,
    )
    # The lyrics are somebody's work: who passes the pictures on should not pass them on unawares.
    facts = covers.model_dump_json(indent=1, exclude={"lyrics"})
    files = {"NOTICE.txt": notice.encode(), "covers.json": facts.encode()}
    files |= {f"{cover.rank}.png": read(cover.rank) for cover in covers.covers}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, covers.created_at.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            # PNGs are compressed already.
            entry.compress_type = (
                zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            )
            archive.writestr(entry, content)
    return packed.getvalue()
