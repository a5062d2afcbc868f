"""What the tests of the finish show."""

from __future__ import annotations

import pytest

from songdalle_core.finishing.content import Content, GroundLayer, SubjectLayer
from tests.finishing.layers import FRUIT, HILLS, HOUSE, decoded


@pytest.fixture
def fruit() -> SubjectLayer:
    """An orange on no floor."""
    return SubjectLayer(decoded(FRUIT), "emblem")


@pytest.fixture
def house() -> SubjectLayer:
    """A red house."""
    return SubjectLayer(decoded(HOUSE), "stands")


@pytest.fixture
def hills() -> GroundLayer:
    """A green ground with a tower that has a lit window."""
    return GroundLayer(decoded(HILLS), "hills of the tests")


@pytest.fixture
def placed(house: SubjectLayer, hills: GroundLayer) -> Content:
    """A house in the hills."""
    return Content((house,), hills)
