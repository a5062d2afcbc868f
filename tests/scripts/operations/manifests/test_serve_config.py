"""Ray's schema and what it leaves out; tests/serve/test_config.py holds our configs against both."""

from __future__ import annotations

import pytest

from scripts.operations.manifests.serve_config import problems

GOOD = """
http_options: {host: 0.0.0.0}
applications:
- name: song-dalle
  import_path: deployments.app:build
  autoscaling_policy:
    policy_function: deployments.jobs.autoscaling:CandidatesPolicy
    policy_kwargs: {candidates_per_replica: 8}
  deployments:
  - {name: Generator, autoscaling_config: {min_replicas: 0, max_replicas: 2}}
"""


def test_a_good_one_passes() -> None:
    assert list(problems(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "min_replicas: 0",
            "min_replica: 0",
            "autoscaling_config.min_replica: Ray has no such key",
        ),
        (
            "policy_kwargs",
            "policy_arguments",
            "autoscaling_policy.policy_arguments: Ray has no such",
        ),
        ("{host:", "{hosts: 1, host:", "http_options.hosts: Ray has no such key"),
        ("min_replicas: 0", "min_replicas: 3", "must be greater than"),
        ("name: Generator,", "name: Generator, num_replicas: 2,", "num_replicas"),
        ("applications:", "applications", "is not valid YAML"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, complaint: str) -> None:
    told = list(problems(GOOD.replace(old, new)))
    assert told
    assert complaint in told[0]


def test_a_mapping_is_no_text() -> None:
    assert list(problems({"applications": []})) == [
        "serveConfigV2 must be a text (serveConfigV2: |), not a mapping"
    ]
