"""What clients may say to the running application, and what it does not listen to."""

from __future__ import annotations

import httpx2
import pytest

from tests.serve.test_crowd import order


@pytest.mark.parametrize("seconds", ["0.001", "-1", "nonsense"])
def test_a_client_does_not_set_the_time_out(client: httpx2.Client, seconds: str) -> None:
    """Ray's proxy would end the first request at once; it never hears of the wish."""
    headers = {"X-Request-Timeout-Seconds": seconds}
    response = client.post("/v1/covers", json=order(candidates=2), headers=headers)
    assert response.status_code == 200
    assert len(response.json()["covers"]) == 2
