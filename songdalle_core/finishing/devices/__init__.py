"""Devices: the ways a cover can be composed, one a file. Each paints a whole `Stage`."""

from __future__ import annotations
