"""What keeps manifests from being checked or written."""

from __future__ import annotations


class ManifestError(ValueError):
    """Says what to change."""
