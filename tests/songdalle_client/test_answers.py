from __future__ import annotations

import json

from songdalle_client.answers import CoverSet, FieldError, Problem
from songdalle_client.parsing import parse
from tests.songdalle_client.service import cover_set


def test_fields_that_this_client_does_not_know_stay() -> None:
    answer = cover_set("0" * 32, {"lyrics": "la"}) | {"of a newer service": [1]}
    again = json.loads(parse(CoverSet, json.dumps(answer)).model_dump_json())
    assert again == answer


def test_problems_name_their_fields() -> None:
    field = FieldError(field="style", message="too long")
    problem = Problem(status=422, detail="change style: see errors", errors=[field])
    assert problem.describe() == "change style: see errors\n  style: too long"
    assert Problem(status=502, title="Bad Gateway").describe() == "Bad Gateway"
    assert Problem(status=502).describe() == "status 502"
