"""A report as one HTML file: text, tables, and pictures that are part of it."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

FONTS = (
    "Noto Sans KR",
    "Noto Sans CJK KR",
    "Pretendard",
    "Apple SD Gothic Neo",
    "Malgun Gothic",
    "NanumGothic",
)
"""Families with Hangul, of which a browser takes the first that it has."""

STYLE = f"""
:root {{ color-scheme: light; }}
body {{ margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; color: #1d1d22; background: #fff;
  font: 1rem/1.55 {", ".join(f'"{name}"' for name in FONTS)}, system-ui, sans-serif; }}
h1 {{ font-size: 1.7rem; line-height: 1.25; }}
h2 {{ font-size: 1.25rem; margin-top: 2.5rem; }}
p, figcaption {{ max-width: 46rem; }}
figure {{ margin: 1rem 0; }}
figure img {{ max-width: 100%; height: auto; }}
figcaption {{ color: #55555e; font-size: .9rem; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: .92rem; }}
th, td {{ padding: .3rem .7rem; text-align: right; border-bottom: 1px solid #e2e2e8; vertical-align: top; }}
th:first-child, td:first-child {{ text-align: left; }}
table.text :is(th, td) {{ text-align: left; }}
thead th {{ border-bottom: 2px solid #8a8a96; }}
small {{ color: #55555e; }}
"""


def page(title: str, parts: Sequence[str]) -> str:
    """A whole document of parts, each of them HTML."""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"
    )


def heading(text: str) -> str:
    """A section's title."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str) -> str:
    """Plain text."""
    return f"<p>{escape(text)}</p>"


def table(
    caption: str, header: Sequence[str], rows: Sequence[Sequence[object]], *, text: bool = False
) -> str:
    """A table whose first column names the rows.

    Args:
        text: the cells are texts, to the left, rather than figures, to the right.
    """
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "".join(
        f'<tr><th scope="row">{_cell(row[0])}</th>'
        + "".join(f"<td>{_cell(value)}</td>" for value in row[1:])
        + "</tr>\n"
        for row in rows
    )
    kind = ' class="text"' if text else ""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table{kind}>'
        f"<caption><small>{escape(caption)}</small></caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}</tbody></table></div>"
    )


@contextmanager
def plot_fonts() -> Iterator[None]:
    """Inside, plots are made whose text stays text, so that the reader's fonts draw Hangul.

    How wide it is, a font with Hangul of this machine says; without one the widths are guessed.
    """
    import matplotlib
    from matplotlib import font_manager

    found = {font.name for font in font_manager.fontManager.ttflist}
    # of a collection of fonts matplotlib knows the first one only, which is the Japanese one
    families = [name for name in (*FONTS, "Noto Sans CJK JP") if name in found]
    style: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "page",
        "font.family": [*families, "DejaVu Sans"],
    }
    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        yield


def plot(figure: Figure, described: str, caption: str = "") -> str:
    """A plot as SVG; made and written within `plot_fonts`.

    Args:
        described: what it shows, for those who cannot see it.
    """
    drawn = StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return _figure("image/svg+xml", drawn.getvalue().encode(), described, caption)


def picture(image: Image, described: str, caption: str = "") -> str:
    """A picture as WebP."""
    drawn = BytesIO()
    image.save(drawn, format="WEBP", quality=88)
    return _figure("image/webp", drawn.getvalue(), described, caption)


def _figure(kind: str, content: bytes, described: str, caption: str) -> str:
    source = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure><img src="{source}" alt="{escape(described)}">{below}</figure>'


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 100 else _plain(value)


def _plain(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) else escape(str(value))
