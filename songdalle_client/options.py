"""The command line's options."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from urllib.parse import urlsplit

from songdalle_client.releases import (
    FORMATS,
    LARGEST_SIDE,
    LAYOUTS,
    MAX_TRACKS,
    SMALLEST_SIDE,
)
from songdalle_client.requests import MAX_CANDIDATES, MAX_SEED, MOODS
from songdalle_client.version import __version__

SERVER_VARIABLE, KEY_VARIABLE = "SONGDALLE_SERVER", "SONGDALLE_KEY"
DEFAULT_SERVER = "http://127.0.0.1:8000"
NONE = "none"
PART = ("layer", "top", "left", "height", "width")


def parse(arguments: list[str] | None, description: str) -> argparse.Namespace:
    """Read the command line; ends the program with a message if it cannot be followed."""
    parser = argparse.ArgumentParser(
        prog="songdalle",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"songdalle {__version__}")
    commands = parser.add_subparsers(
        dest="command",
        required=True,
        metavar="cover | more | get | release | search | history | cancel | delete",
    )
    for name, (help_text, add) in COMMANDS.items():
        command = commands.add_parser(
            name, help=help_text, description=f"{help_text.capitalize()}."
        )
        add(command)
        _add_server(command)
    return parser.parse_args(arguments)


def _add_cover(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "lyrics", nargs="?", help="text in UTF-8, or UTF-16 with its mark; - reads standard input"
    )
    source.add_argument(
        "--song", metavar="ID", help="lyrics of a song that `songdalle search` found"
    )
    _add_folder(parser)
    parser.add_argument("--style", help=f'"a STYLE of ...", or {NONE} (default painting)')
    parser.add_argument(
        "--mood", choices=(*MOODS, NONE), help=f"mood of the prompt, or {NONE} (default: predicted)"
    )
    parser.add_argument(
        "--candidates",
        type=_whole(1, MAX_CANDIDATES),
        metavar="N",
        default=12,
        help=f"covers to draw, 1 to {MAX_CANDIDATES} (default 12)",
    )
    parser.add_argument(
        "--seed", type=_whole(0, MAX_SEED), metavar="N", help="same song, same seed, same covers"
    )
    parser.add_argument("--prompt", help="draw this in place of the written prompt")
    parser.add_argument("--title", help="kept with the result")
    parser.add_argument("--artist", help="kept with the result")


def _add_more(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", help="of a cover set, as `songdalle history` lists it")
    _add_folder(parser)
    parser.add_argument(
        "--rank",
        type=_whole(1, MAX_CANDIDATES),
        metavar="N",
        help="draw covers like this one (default: the same song again)",
    )
    parser.add_argument(
        "--codes",
        type=_share,
        metavar="SHARE",
        default=1.0,
        help="share of its drawing that stays, 0 to 1 (default 1); 0: something else is drawn",
    )
    parser.add_argument(
        "--keep",
        choices=("composition", "finish"),
        action="append",
        help="what else stays: where all stands, or its light and strokes",
    )
    parser.add_argument(
        "--part",
        type=_part,
        metavar=",".join(PART).upper(),
        help="draw only these code positions anew: layer, top, left, height, width",
    )
    parser.add_argument("--style", help="another style (without --rank)")
    parser.add_argument("--mood", choices=MOODS, help="another mood (without --rank)")
    parser.add_argument(
        "--candidates", type=_whole(1, MAX_CANDIDATES), metavar="N", default=12, help="(default 12)"
    )
    parser.add_argument("--seed", type=_whole(0, MAX_SEED), metavar="N", help="(default: random)")


def _add_get(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", help="of a cover set, as `songdalle history` lists it")
    _add_folder(parser)


def _add_release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", help="of a cover set, as `songdalle history` lists it")
    parser.add_argument(
        "--rank",
        type=_whole(1, MAX_CANDIDATES),
        metavar="N",
        default=1,
        help="which cover (default 1, the best)",
    )
    parser.add_argument("--title", help="exactly as in the metadata (default: the set's)")
    parser.add_argument("--artist", help="exactly as in the metadata (default: the set's)")
    parser.add_argument(
        "--track",
        action="append",
        metavar="TITLE",
        help=f"a track for the back cover, up to {MAX_TRACKS} times",
    )
    parser.add_argument("--layout", choices=LAYOUTS, help="of the type (default: by the seed)")
    parser.add_argument("--seed", type=_whole(0, MAX_SEED), metavar="N", help="of the layout")
    parser.add_argument(
        "--size",
        type=_whole(SMALLEST_SIDE, LARGEST_SIDE),
        metavar="PIXELS",
        default=LARGEST_SIDE,
        help=f"a side, {SMALLEST_SIDE} to {LARGEST_SIDE} (default {LARGEST_SIDE})",
    )
    parser.add_argument("--format", choices=FORMATS, default="jpeg", help="(default jpeg)")
    parser.add_argument(
        "--no-notice",
        dest="notice",
        action="store_false",
        help="leave the mark out of the picture, where a store refuses it; it stays in the metadata",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="zip file (default: release-ID-RANK.zip)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where to write (default: covers-ID)"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="write into a folder that is not empty"
    )


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", help='"title" or "title artist"')


def _add_history(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--limit", type=_whole(1, 100), metavar="N", default=20, help="sets, 1 to 100 (default 20)"
    )
    parser.add_argument("--before", metavar="CURSOR", help="go on where a page ended")
    parser.add_argument("--q", metavar="TEXT", help="only songs with this text")
    parser.add_argument("--mood", choices=MOODS, help="only songs of this mood")


def _add_cancel(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", help="of a job")


def _add_delete(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", help="of a cover set, as `songdalle history` lists it")


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the service's answer as JSON")
    parser.add_argument(
        "--server",
        type=_server,
        metavar="URL",
        default=os.environ.get(SERVER_VARIABLE) or DEFAULT_SERVER,
        help=f"the service (default: {SERVER_VARIABLE} of the environment, or {DEFAULT_SERVER})",
    )


COMMANDS = {
    "cover": ("draw covers for a song", _add_cover),
    "more": ("go on from a finished set", _add_more),
    "get": ("fetch the covers of a finished job", _add_get),
    "release": ("make a sleeve of a cover, for stores", _add_release),
    "search": ("find songs by title", _add_search),
    "history": ("list cover sets, the newest first", _add_history),
    "cancel": ("cancel a job; a finished set stays", _add_cancel),
    "delete": ("delete a finished set and its covers", _add_delete),
}


class _whole:  # noqa: N801
    """Reads a whole number from low to high."""

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high

    def __call__(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and self._low <= int(text) <= self._high):
            raise argparse.ArgumentTypeError(
                f"{text!r} is no whole number from {self._low} to {self._high}"
            )
        return int(text)


def _share(text: str) -> float:
    """A number from 0 to 1."""
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return share


def _part(text: str) -> tuple[int, ...]:
    """A rectangle of a layer's code positions."""
    numbers = tuple(int(one) for one in text.split(",") if one.isascii() and one.isdecimal())
    if len(numbers) != len(PART) or text.count(",") != len(PART) - 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not {','.join(PART)}, such as 0,2,2,4,4")
    return numbers


def _server(text: str) -> str:
    """An address of HTTP, without a slash at its end."""
    try:
        url = urlsplit(text)
        fit = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:
        fit = False
    if not fit or "?" in text or "#" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address such as {DEFAULT_SERVER}")
    return text.rstrip("/")
