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
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import platformdirs

from scripts.operations.weights import mirror
from scripts.operations.weights.catalogue import PROFILES, ArchiveProfile, HubProfile, Profile
from scripts.operations.weights.checksums import SHA256
from scripts.operations.weights.errors import DownloadError
from scripts.operations.weights.hub import HubRetrieval
from scripts.operations.weights.listing import table
from scripts.operations.weights.retrieval import Retrieval
from scripts.operations.weights.transfer import TransferOptions


@dataclass(frozen=True)
class Options:
    """The command line, read."""

    profiles: list[str]
    listing: bool
    cache: Path | None
    mirror: str | None
    sha256: str | None
    keep_archive: bool
    timeout: float
    retries: int

    @property
    def chosen(self) -> list[Profile]:
        """The profiles that were named, each once."""
        return [PROFILES[name] for name in dict.fromkeys(self.profiles)]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help shows how to use it)\n")


def parse(arguments: list[str] | None) -> Options:
    """Read and check the command line; wrong input ends the program with status 2."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    silence = "seconds to wait for a connection and for data (default: 30)"
    failures = "failures in a row to bear before giving up (default: 5)"
    add("profiles", nargs="*", metavar="PROFILE", help=f"what to download: {', '.join(PROFILES)}")
    add("--list", dest="listing", action="store_true", help="show sizes, licences and checksums")
    add("--cache", metavar="DIR", type=_folder, help=f"cache folder (default: {default_cache()})")
    add("--mirror", metavar="URL", type=_mirror, help="host to use in place of the publishers'")
    add("--sha256", metavar="HEX", type=_sha256, help="expected SHA-256 of the archive")
    add("--keep-archive", action="store_true", help="keep the tar file after unpacking it")
    add("--timeout", metavar="S", type=_seconds, default=30.0, help=silence)
    add("--retries", metavar="N", type=_count, default=5, help=failures)
    options = Options(**vars(parser.parse_args(arguments)))
    _check(options, parser)
    return options


def default_cache() -> Path:
    """The user's cache folder for this project."""
    return platformdirs.user_cache_path("song-dalle")


def _check(options: Options, parser: Parser) -> None:
    if not options.profiles and not options.listing:
        parser.error(f"name a profile ({', '.join(PROFILES)}) or use --list")
    for name in options.profiles:
        if name not in PROFILES:
            parser.error(f"no profile {name!r}: choose from {', '.join(PROFILES)}")
    if options.cache and not _usable(options.cache):
        parser.error(f"cannot write to the folder {options.cache}")
    if options.sha256 and not _one_archive(options):
        parser.error("--sha256 goes with exactly one profile that has an archive")


def _usable(folder: Path) -> bool:
    """Whether a folder is there, or can be made, to write in."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _one_archive(options: Options) -> bool:
    return len(options.chosen) == 1 and isinstance(options.chosen[0], ArchiveProfile)


def _folder(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _mirror(text: str) -> str:
    try:
        return mirror.checked(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None


def _sha256(text: str) -> str:
    if not SHA256.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError(f"{text!r} is not 64 hexadecimal digits")
    return text.lower()


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds up to a day")
    return value


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0")
    return int(text)


def download(profile: Profile, options: Options) -> Path:
    """Bring one profile's weights to this machine; return the folder to load.

    Raises:
        DownloadError: they could not be had.
    """
    terms = "" if profile.commercial else ", for non-commercial use only"
    print(f"{profile.name}: {profile.what} ({profile.licence}{terms})", flush=True)
    if isinstance(profile, HubProfile):
        cache = options.cache / "hub" if options.cache else None
        return HubRetrieval(profile, cache, options.mirror, options.timeout).run()
    assert isinstance(profile, ArchiveProfile)
    return Retrieval(
        profile,
        options.cache or default_cache(),
        TransferOptions(options.timeout, options.retries),
        options.mirror,
        options.sha256,
        options.keep_archive,
    ).run()


def ready(profile: Profile, folder: Path, options: Options) -> str:
    """The line that says where the weights are."""
    line = f"{profile.name} is ready: {folder}"
    if isinstance(profile, HubProfile) and options.cache:
        line += f"\nfor libraries to find it by name: export HF_HUB_CACHE={options.cache / 'hub'}"
    return line


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = parse(arguments)
    if options.listing:
        print(table(options.chosen or PROFILES.values()))
        return 0
    for profile in options.chosen:
        try:
            print(ready(profile, download(profile, options), options), flush=True)
        except (DownloadError, OSError) as error:
            print(f"download_weights: {profile.name}: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            kept = "stopped; what arrived is kept, run the same command again to resume"
            print(f"\ndownload_weights: {profile.name}: {kept}", file=sys.stderr)
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
