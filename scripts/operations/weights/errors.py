"""What can go wrong with a download, in words for the terminal."""

from __future__ import annotations


class DownloadError(RuntimeError):
    """The weights could not be had; trying again at once would not help."""


class DamagedFileError(DownloadError):
    """A file arrived, but not as it was published."""


class SpaceError(DownloadError):
    """The disk has no room for what is to come."""
