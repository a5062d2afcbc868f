"""The table of `--list`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scripts.operations.weights.catalogue import ArchiveProfile, HubProfile, Profile, RemoteFile

HEADINGS = ("profile", "what", "size", "licence", "commercial use", "checksum")
NONE_PUBLISHED = "none published (recorded after the first download)"
Row = tuple[str, ...]


def table(profiles: Iterable[Profile]) -> str:
    """What each profile needs, a line a file, and the addresses below."""
    profiles = list(profiles)
    rows = [HEADINGS, *(row for profile in profiles for row in _rows(profile))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    addresses = [f"{p.name}: {address}" for p in profiles for address in _addresses(p)]
    return "\n".join([*lines, "", *addresses])


def _rows(profile: Profile) -> Iterator[Row]:
    terms = (profile.licence, "yes" if profile.commercial else "no: non-commercial only")
    if isinstance(profile, HubProfile):
        yield (profile.name, profile.what, profile.size, *terms, "the hub's, of every file")
    elif isinstance(profile, ArchiveProfile):
        archive = profile.archive
        yield (profile.name, profile.what, archive.size, *terms, _checksum(archive))
        for file in profile.vocabulary:
            what = f"  its text vocabulary, {file.name}"
            yield ("", what, file.size, "Apache-2.0", "yes", _checksum(file))


def _checksum(file: RemoteFile) -> str:
    return str(file.checksum) if file.checksum else NONE_PUBLISHED


def _addresses(profile: Profile) -> list[str]:
    if isinstance(profile, HubProfile):
        return [f"https://huggingface.co/{profile.repository}"]
    if isinstance(profile, ArchiveProfile):
        return [profile.archive.url, *(file.url for file in profile.vocabulary)]
    return []
