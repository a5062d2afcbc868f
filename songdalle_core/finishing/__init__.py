"""The finish: layers of drawn content become a lit, composed and painted cover, in any size."""

from __future__ import annotations
