"""Ask a running service for the covers of some lyrics and paste them into one contact sheet.

    python scripts/evaluation/draw_lyrics.py docs/lyrics.txt --out docs/contact_sheet.png

The file holds lyrics divided by empty lines. Each row of the sheet is one lyric, best cover first, under the
prompt that the service made of it.
"""

from __future__ import annotations

import io
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scripts.common import command_line
from scripts.common.draw_sheet import row
from scripts.common.text_files import read_lyrics


def ask(url: str, body: dict[str, Any] | None = None) -> bytes:
    """The answer's bytes; a body makes it a POST.

    Raises:
        RuntimeError: the service refused, with what it said.
    """
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            read: bytes = answer.read()
            return read
    except urllib.error.HTTPError as refused:
        raise RuntimeError(f"{url}: {refused.read().decode(errors='replace')}") from None


SHOWN_SIDE = 160  # pixels of a cover on the sheet


def shown(png: bytes) -> np.ndarray:
    """A cover as the sheet shows it, uint8 (S, S, 3)."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return np.asarray(picture.resize((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS))


def covers(service: str, lyrics: str, seed: int, show: int) -> np.ndarray:
    """One row of the sheet, uint8 (H, W, 3)."""
    started = time.perf_counter()
    answer = json.loads(ask(f"{service}/v1/covers", {"lyrics": lyrics, "seed": seed}))
    print(f"{time.perf_counter() - started:.2f} s  {answer['prompt']}", flush=True)
    pictures = [shown(ask(service + cover["url"])) for cover in answer["covers"][:show]]
    return row(answer["prompt"], pictures)


def main(arguments: list[str] | None = None) -> int:
    parser = command_line.parser(__doc__, "seed")
    parser.set_defaults(seed=7)
    parser.add_argument("lyrics", type=Path, help="lyrics divided by empty lines")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the running service")
    parser.add_argument(
        "--show", type=command_line.count, default=6, help="covers a row, best first"
    )
    args = parser.parse_args(arguments)
    try:
        songs = [song.strip() for song in read_lyrics(args.lyrics).split("\n\n")]
    except (OSError, ValueError) as error:
        parser.error(str(error))
    rows = [covers(args.url, song, args.seed, args.show) for song in songs if song]
    Image.fromarray(np.concatenate(rows)).save(args.out)
    print(args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
