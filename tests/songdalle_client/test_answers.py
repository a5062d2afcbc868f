from __future__ import annotations

import json

import pytest

from songdalle_client.answers import CoverSet, FieldError, Problem, parse
from songdalle_client.errors import Unexpected
from tests.songdalle_client.service import cover_set


def test_what_this_client_does_not_know_is_kept() -> None:
    found = cover_set("0" * 32, {"lyrics": "la"}) | {"of a newer service": [1]}
    kept = json.loads(parse(CoverSet, json.dumps(found)).model_dump_json())
    assert kept == found


@pytest.mark.parametrize(
    ("body", "said"),
    [("", "JSON"), ("[]", "JSON"), ("{}", "id"), ("{" * 100_000, "JSON")],
    ids=["empty", "list", "object", "deep"],
)
def test_another_shape_is_named(body: str, said: str) -> None:
    with pytest.raises(Unexpected, match=rf"the answer is no CoverSet of this service \({said}: "):
        parse(CoverSet, body)


def test_problems_name_their_fields() -> None:
    field = FieldError(field="style", message="too long")
    problem = Problem(status=422, detail="change style: see errors", errors=[field])
    assert problem.describe() == "change style: see errors\n  style: too long"
    assert Problem(status=502, title="Bad Gateway").describe() == "Bad Gateway"
    assert Problem(status=502).describe() == "status 502"
