"""deploy/compose.yaml by its letters: nothing is started here."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from deployments.config.application import DATABASE_VARIABLE, PICTURES_VARIABLE
from scripts.operations.manifests.cross_checks import locked_ray
from tests.deploy.test_containerfile import STAGES

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_it_is_by_the_specification() -> None:
    compose = PyCompose.from_yaml(TEXT)
    compose.validate_volumes()
    compose.validate_networks()
    assert sorted(compose.service_names()) == sorted(SERVICES)


def test_typos_are_not() -> None:
    with pytest.raises(ValueError, match="restrt"):
        PyCompose.from_yaml(TEXT.replace("restart:", "restrt:", 1))


def test_images_are_pinned() -> None:
    for name, service in SERVICES.items():
        tag = service["image"].rpartition(":")[2]
        assert re.search(r"\d+\.\d+", tag), f"{name}: {service['image']}"
    assert f"ray{locked_ray(DEPLOY.parent)}" in SERVICES["service"]["image"]
    assert SERVICES["service"]["build"]["target"] in STAGES


def test_what_is_mounted_is_there() -> None:
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), source
            else:
                assert source in COMPOSE["volumes"]


def test_the_example_names_every_secret_and_they_are_not_filled_in() -> None:
    wanted = set(re.findall(r"\$\{(\w+):\?\}", TEXT))
    lines = (DEPLOY / "compose.example.env").read_text("utf-8").splitlines()
    assert {line for line in lines if line and line[0] != "#"} == {f"{name}=" for name in wanted}
    ignored = (DEPLOY.parent / ".gitignore").read_text("utf-8").splitlines()
    assert "/deploy/.env" in ignored


def test_the_service_keeps_jobs_and_pictures_in_the_others() -> None:
    environment = SERVICES["service"]["environment"]
    assert (
        f"@database/{SERVICES['database']['environment']['POSTGRES_DB']}"
        in environment[DATABASE_VARIABLE]
    )
    bucket = SERVICES["storage"]["environment"]["S3_BUCKET"]
    assert environment[PICTURES_VARIABLE].startswith(f"s3://{bucket}/")
    assert environment["AWS_ENDPOINT_URL"] == "http://storage:8333"
    for name in ("database", "storage"):
        assert SERVICES["service"]["depends_on"][name] == {"condition": "service_healthy"}
        assert "healthcheck" in SERVICES[name]


def test_nothing_is_open_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_prometheus_and_grafana_know_whom_to_ask() -> None:
    scraped = yaml.safe_load((DEPLOY / "prometheus.compose.yml").read_text("utf-8"))
    (job,) = scraped["scrape_configs"]
    alone = yaml.safe_load((DEPLOY / "prometheus.yml").read_text("utf-8"))["scrape_configs"][0]
    assert {**job, "static_configs": 0} == {**alone, "static_configs": 0}
    assert job["static_configs"] == [{"targets": ["service:8000"]}]
    provisioned = DEPLOY / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioned / "datasources" / "prometheus.yaml").read_text())[
        "datasources"
    ]
    assert source["url"].partition("//")[2].partition(":")[0] in SERVICES
    (board,) = yaml.safe_load((provisioned / "dashboards" / "song-dalle.yaml").read_text())[
        "providers"
    ]
    mounts = SERVICES["grafana"]["volumes"]
    assert any(f":{board['options']['path']}/" in mount for mount in mounts)
    assert os.sep not in source["name"]
