"""Traces by OpenTelemetry, if the configuration asks for them: one a request, its stages as spans.

`opentelemetry` is imported when tracing is switched on, and not before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from deployments.config.user_config import FileTraces, OtlpTraces, TracingTunables

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

SERVICE = "song-dalle"
HEADERS = ("traceparent", "tracestate")

_provider: TracerProvider | None = None
_tunables = TracingTunables()
_incoming: ContextVar[Mapping[str, str] | None] = ContextVar("incoming", default=None)


def configure(tunables: TracingTunables) -> None:
    """Switch tracing on, off or over. Spans of requests under way go where they were to go.

    Raises:
        OSError: the file's folder cannot be created.
    """
    global _provider, _tunables
    if tunables == _tunables:
        return
    _provider, _tunables = _build(tunables), tunables


def incoming(headers: Mapping[str, str]) -> None:
    """Note the caller's trace (W3C traceparent) for the request that this task serves."""
    if _provider is not None:
        _incoming.set({name: headers[name] for name in HEADERS if name in headers})


def carried() -> Mapping[str, str] | None:
    """The caller's trace, to be noted again by a task with a context of its own."""
    return _incoming.get()


def carry(trace: Mapping[str, str] | None) -> None:
    """Note what `carried` gave."""
    _incoming.set(trace)


@contextmanager
def request_span(name: str, **attributes: Any) -> Iterator[None]:
    """The root span of a request, below the caller's if it named one."""
    if _provider is None:
        yield
        return
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract(_incoming.get() or {})
    named = {f"{SERVICE}.{key}": value for key, value in attributes.items()}
    tracer = _provider.get_tracer(SERVICE)
    with tracer.start_as_current_span(name, context=context, attributes=named):
        yield


def span(name: str) -> Any:
    """A span below the current one, as a context manager."""
    if _provider is None:
        return nullcontext()
    return _provider.get_tracer(SERVICE).start_as_current_span(name)


def _build(tunables: TracingTunables) -> TracerProvider | None:
    if tunables.exporter is None:
        return None
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(tunables.share)),
        resource=Resource.create({"service.name": SERVICE}),
    )
    exporter = _exporter(tunables.exporter)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    return provider


def _exporter(chosen: FileTraces | OtlpTraces) -> SpanExporter:
    if isinstance(chosen, OtlpTraces):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter(endpoint=chosen.endpoint, timeout=chosen.timeout_s)
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter

    chosen.folder.mkdir(parents=True, exist_ok=True)
    file = (chosen.folder / f"spans-{os.getpid()}.jsonl").open("a", encoding="utf-8")
    return ConsoleSpanExporter(out=file, formatter=lambda span: span.to_json(indent=None) + "\n")
