"""The serveConfigV2 of a RayService: a text that Ray's own schema knows whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from scripts.operations.checking.ray_schema import schema_faults


def problems(text: Any) -> Iterator[str]:
    """What Ray would refuse in a serveConfigV2, or leave out without a word."""
    if not isinstance(text, str):
        yield "serveConfigV2 must be a text (serveConfigV2: |), not a mapping"
        return
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield f"serveConfigV2 is not valid YAML: {' '.join(str(error).split())}"
        return
    for fault in schema_faults(document):
        yield f"serveConfigV2: {fault}"
