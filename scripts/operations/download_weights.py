"""Download published model weights: resumed after a cut, verified, safely unpacked.

    python scripts/operations/download_weights.py --list
    python scripts/operations/download_weights.py rq-cc3m kobart
    python scripts/operations/download_weights.py mindalle --cache /data/weights --mirror https://mirror.example

Run the same command again to resume. A checkpoint's folder only appears when it is whole; its path is
printed, for `serve_config.yaml`. Models of huggingface.co go to that hub's own cache, where every library
looks, unless --cache is given; HF_ENDPOINT and HF_HUB_OFFLINE are respected. Exit codes: 0 all is there, 1
a download failed, 2 a wrong option, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import platformdirs

from scripts.operations.weights.catalogue import (
    PROFILES,
    ArchiveProfile,
    HubProfile,
    Profile,
    table,
)
from scripts.operations.weights.checkpoint import CheckpointDownload
from scripts.operations.weights.hub import download_model
from scripts.operations.weights.transfer import DownloadError, Patience


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help shows how to use it)\n")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read and check the command line; wrong input ends the program with status 2."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    silence = "seconds to wait for a connection and for data (default: %(default)g)"
    failures = "failures in a row to bear before giving up (default: %(default)s)"
    add("profiles", nargs="*", metavar="PROFILE", help=f"what to download: {', '.join(PROFILES)}")
    add("--list", dest="listing", action="store_true", help="show sizes, licences and checksums")
    add("--cache", metavar="DIR", type=Path, help=f"cache folder (default: {default_cache()})")
    add("--mirror", metavar="URL", type=mirror, help="host to use in place of the publishers'")
    add("--sha256", metavar="HEX", type=str.lower, help="expected SHA-256 of the archive")
    add("--keep-archive", action="store_true", help="keep the tar file after unpacking it")
    add("--timeout", metavar="S", type=float, default=30.0, help=silence)
    add("--retries", metavar="N", type=int, default=5, help=failures)
    options = parser.parse_args(arguments)
    options.profiles = list(dict.fromkeys(options.profiles))
    if not options.profiles and not options.listing:
        parser.error(f"name a profile ({', '.join(PROFILES)}) or use --list")
    for name in options.profiles:
        if name not in PROFILES:
            parser.error(f"no profile {name!r}: choose from {', '.join(PROFILES)}")
    if not 0 < options.timeout <= 86_400:
        parser.error(f"--timeout must be seconds up to a day, not {options.timeout:g}")
    if options.retries < 0:
        parser.error(f"--retries must be at least 0, not {options.retries}")
    if options.sha256:
        if not re.fullmatch(r"[0-9a-f]{64}", options.sha256):
            parser.error("--sha256 takes 64 hexadecimal digits")
        chosen = [PROFILES[name] for name in options.profiles]
        if len(chosen) != 1 or not isinstance(chosen[0], ArchiveProfile):
            parser.error("--sha256 goes with exactly one profile that has an archive")
    if options.cache:
        options.cache = options.cache.expanduser().resolve()
        if not _usable(options.cache):
            parser.error(f"cannot write to the folder {options.cache}")
    return options


def default_cache() -> Path:
    """The user's cache folder for this project."""
    return platformdirs.user_cache_path("song-dalle")


def _usable(folder: Path) -> bool:
    """Whether a folder is there, or can be made, to write in."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def mirror(text: str) -> str:
    """The address of a mirror, without a slash at its end."""
    try:
        parts = urlsplit(text)
        host = parts.hostname if parts.port != 0 and not re.search(r"\s", text) else None
    except ValueError:  # the port is no number
        host = None
    extra = host and (parts.username or parts.query or parts.fragment)
    if not host or extra or parts.scheme not in ("http", "https"):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an http:// or https:// address of a host, with a port and path at most"
        )
    return text.rstrip("/")


def fetch(profile: Profile, options: argparse.Namespace) -> Path:
    """Bring one profile's weights to this machine; return the folder to load.

    Raises:
        DownloadError: they could not be had.
    """
    if isinstance(profile, HubProfile):
        cache = options.cache / "hub" if options.cache else None
        return download_model(profile, cache, options.mirror, options.timeout)
    assert isinstance(profile, ArchiveProfile)
    cache = options.cache or default_cache()
    patience = Patience(options.timeout, options.retries)
    return CheckpointDownload(
        profile, cache, patience, options.mirror, options.sha256, options.keep_archive
    ).run()


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = parse(arguments)
    profiles = [PROFILES[name] for name in options.profiles]
    if options.listing:
        print(table(profiles or PROFILES.values()))
        return 0
    for profile in profiles:
        terms = "" if profile.commercial else ", for non-commercial use only"
        print(f"{profile.name}: {profile.what} ({profile.licence}{terms})", flush=True)
        try:
            folder = fetch(profile, options)
        except (DownloadError, OSError) as error:
            print(f"download_weights: {profile.name}: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            resume = "stopped; what arrived is kept, run the same command again to resume"
            print(f"\ndownload_weights: {profile.name}: {resume}", file=sys.stderr)
            return 130
        print(f"{profile.name} is ready: {folder}", flush=True)
        if isinstance(profile, HubProfile) and options.cache:
            print(f"for libraries to find it by name: export HF_HUB_CACHE={options.cache / 'hub'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
