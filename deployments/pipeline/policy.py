"""The policy on prompts: what is refused, and how a client is told."""

from __future__ import annotations

from deployments.contract.covers import CoverRequest
from deployments.contract.errors import Disallowed
from deployments.telemetry import metrics
from songdalle_core.policy import check_prompt

ADVICE = {
    "prompt": "take that out of the prompt, or say it otherwise",
    "style": "choose another style",
    "lyrics": "take those lines out, word them otherwise, or send a prompt of your own",
}


def refuse(prompt: str, request: CoverRequest) -> None:
    """Let a prompt pass if it may be drawn.

    Raises:
        Disallowed: it asks for something that is not drawn.
    """
    findings = check_prompt(prompt)
    if not findings:
        return
    for finding in findings:
        metrics.REFUSED.add(subject=finding.subject)
    field = _field(request)
    subjects = ", ".join(finding.subject for finding in findings)
    quoted = ", ".join(f'{finding.subject} ("{finding.words}")' for finding in findings)
    message, to_client = (
        f"the prompt asks for {what}, which is not drawn here: {ADVICE[field]}"
        for what in (subjects, quoted)
    )
    raise Disallowed(message, field, to_client)


def _field(request: CoverRequest) -> str:
    """Which field of the request the refused words came from."""
    if request.prompt is not None:
        return "prompt"
    return "style" if request.style and check_prompt(request.style) else "lyrics"
