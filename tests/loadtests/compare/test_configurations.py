from __future__ import annotations

import importlib

import pytest
from ray.serve import Application
from ray.serve.schema import ServeApplicationSchema

from loadtests.compare.configurations import Group, groups
from loadtests.load.workload import CandidatesMix


@pytest.mark.parametrize("group", groups(), ids=lambda group: group.name)
def test_a_group_can_be_started(group: Group) -> None:
    names = [application["name"] for application in group.applications]
    prefixes = {application["route_prefix"] for application in group.applications}
    assert len(prefixes) == len(set(names)) == len(names)
    assert {c.application for c in group.configurations} == set(names)
    assert len({c.name for c in group.configurations}) == len(group.configurations) >= 2
    for application in group.applications:
        ServeApplicationSchema.model_validate(application)
        if application["import_path"].startswith("loadtests."):
            module, _, builder = application["import_path"].partition(":")
            build = getattr(importlib.import_module(module), builder)
            assert isinstance(build(application["args"]), Application)
    if group.mix:
        CandidatesMix.parse(group.mix)


def test_what_the_project_promises_to_compare() -> None:
    names = {group.name: [c.name for c in group.configurations] for group in groups()}
    assert names == {
        "service": ["service", "one at a time", "original's way"],
        "slots": ["1 slot", "12 slots", "48 slots", "96 slots"],
        "replicas": ["1 replica", "2 replicas"],
        "batching": ["@serve.batch", "in flight"],
    }
