"""How a ground is drawn: by a function that lays its shapes on a drawing."""

from __future__ import annotations

from collections.abc import Callable

from scripts.training.content.shapes import Drawing

Draw = Callable[[Drawing], None]
