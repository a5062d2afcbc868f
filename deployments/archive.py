"""All covers of a set in one zip file, with a notice that a machine made them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from deployments.schemas import CoverSet

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
