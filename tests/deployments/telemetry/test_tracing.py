from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from deployments.config.user_config import IngressTunables, OtlpTraces

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_is_imported_while_tracing_is_off() -> None:
    code = """
import sys
import ray.serve
before = {name for name in sys.modules if name.startswith("opentelemetry")}
from deployments.telemetry import tracing
from deployments.config.user_config import TracingTunables
tracing.configure(TracingTunables())
tracing.incoming({"traceparent": "x"})
with tracing.request_span("covers"), tracing.span("clean"):
    pass
after = {name for name in sys.modules if name.startswith("opentelemetry")}
assert after == before, after - before
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=120)


def test_the_exporter_is_chosen_by_its_kind() -> None:
    tunables = IngressTunables.model_validate({"tracing": {"exporter": {"kind": "otlp"}}})
    assert isinstance(tunables.tracing.exporter, OtlpTraces)
    assert IngressTunables().tracing.exporter is None


@pytest.mark.parametrize(
    ("tracing", "field"),
    [
        ({"exporter": {"kind": "jaeger"}}, "otlp"),
        ({"exporter": {"kind": "file"}}, "folder"),
        ({"exporter": {"kind": "otlp", "endpoint": "localhost"}}, "endpoint"),
        ({"share": 2}, "share"),
    ],
)
def test_nonsense_is_refused(tracing: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        IngressTunables.model_validate({"tracing": tracing})
