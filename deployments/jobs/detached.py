"""Work that outlives the HTTP request it came with.

When a request ends early, Ray cancels every call that was made for it. What was called for a request is told by
the context variables of Ray and of Ray Serve; work that is to go on runs in a context of its own, with no more
of the old one than logs and traces need. This file alone reaches into a private module of Ray's.
"""

from __future__ import annotations

import asyncio
import contextvars
import dataclasses
import uuid
from collections.abc import Coroutine
from typing import Any, TypeVar

from ray.serve import context as serve_context

from deployments.telemetry import tracing

Result = TypeVar("Result")

_under_way: set[asyncio.Task[Any]] = set()


def detached(job: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
    """A task for `job` whose calls belong to no request; logs and traces still name the one it came with."""
    context = contextvars.Context()
    request = serve_context._serve_request_context.get()
    if request is not None:
        own = dataclasses.replace(request, _internal_request_id=uuid.uuid4().hex)
        context.run(serve_context._serve_request_context.set, own)
    context.run(tracing.carry, tracing.carried())
    task = asyncio.create_task(job, context=context)
    _under_way.add(task)  # the event loop itself holds its tasks but weakly
    task.add_done_callback(_under_way.discard)
    return task
