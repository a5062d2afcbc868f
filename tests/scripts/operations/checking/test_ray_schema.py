from __future__ import annotations

import yaml
from ray.serve.schema import ServeDeploySchema

from scripts.operations.checking.ray_schema import duplicate_keys, schema_faults, unknown_keys

TYPOS = """
proxy_locations: EveryNode
http_options: {host: 127.0.0.1, request_timeout: 5}
applications:
- name: song-dalle
  import_path: deployments.app:build
  arg: {}
  deployments:
  - name: Generator
    max_queued_request: 4
    backpressure_config: {status_code: 503}
    ray_actor_options: {num_gpu: 1, num_cpus: 1}
    autoscaling_config: {min_replica: 2}
"""


def test_typos_are_found_which_ray_itself_accepts() -> None:
    config = yaml.safe_load(TYPOS)
    accepted = ServeDeploySchema.model_validate(config)
    options = accepted.applications[0].deployments[0].ray_actor_options
    assert "num_gpu" not in options.model_dump()
    assert sorted(unknown_keys(config, ServeDeploySchema)) == [
        "applications[0].arg",
        "applications[0].deployments[0].autoscaling_config.min_replica",
        "applications[0].deployments[0].max_queued_request",
        "applications[0].deployments[0].ray_actor_options.num_gpu",
        "http_options.request_timeout",
        "proxy_locations",
    ]


def test_what_ray_refuses_and_what_it_drops() -> None:
    config = yaml.safe_load(TYPOS)
    config["applications"][0]["deployments"][0]["num_replicas"] = 0
    faults = list(schema_faults(config))
    assert any("num_replicas" in fault and "drops" not in fault for fault in faults)
    assert "http_options.request_timeout: Ray has no such key and drops it without a word; " in (
        " ".join(faults)
    )
    assert sum("drops it" in fault for fault in faults) == 6


def test_keys_that_stand_twice() -> None:
    text = "a: 1\nb: [{c: 1, d: 2, c: 3}]\na: 2\n"
    assert list(duplicate_keys(text)) == [
        "line 2: c stands here for the second time",
        "line 3: a stands here for the second time",
    ]
    assert list(duplicate_keys("")) == []
