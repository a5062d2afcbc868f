from __future__ import annotations

import pytest

from songdalle_client.answers import CoverSet
from songdalle_client.errors import Unexpected
from songdalle_client.parsing import parse


@pytest.mark.parametrize(
    ("body", "where"),
    [("", "JSON"), ("[]", "JSON"), ("{}", "id"), ("{" * 100_000, "JSON")],
    ids=["empty", "list", "object", "deep"],
)
def test_another_shape_is_named(body: str, where: str) -> None:
    with pytest.raises(Unexpected, match=rf"the answer is no CoverSet of this service \({where}: "):
        parse(CoverSet, body)
