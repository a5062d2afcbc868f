"""The policy in a request's way: prompts refused, covers withheld and replaced by further candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from deployments.contract.covers import CoverRequest
from deployments.contract.errors import Disallowed
from deployments.contract.messages import Drawing
from deployments.pipeline.prompt_to_covers import Candidate, Candidates
from deployments.telemetry import metrics
from songdalle_core.policy import check_prompt

ADVICE = {
    "prompt": "take that out of the prompt, or say it otherwise",
    "style": "choose another style",
    "lyrics": "take those lines out, word them otherwise, or send a prompt of your own",
}


@dataclass(frozen=True)
class Shown:
    """What a request gets, and the subjects of the covers that were drawn and withheld."""

    candidates: Sequence[Candidate]
    withheld: Sequence[str] = ()

    def note(self, wanted: int) -> str | None:
        """Why there are fewer covers than wanted; None if there are not."""
        got = len(self.candidates)
        if got == wanted:
            return None
        return (
            f"{got} of {wanted} covers: the others were withheld by policy ({_told(self.withheld)})"
        )


def refuse(prompt: str, order: CoverRequest) -> None:
    """Let a prompt pass if it may be drawn.

    Raises:
        Disallowed: it asks for something that is not drawn.
    """
    found = check_prompt(prompt)
    if not found:
        return
    for finding in found:
        metrics.REFUSED.add(subject=finding.subject)
    field = _field(order)
    subjects = ", ".join(finding.subject for finding in found)
    quoted = ", ".join(f'{finding.subject} ("{finding.words}")' for finding in found)
    message, told = (
        f"the prompt asks for {said}, which is not drawn here: {ADVICE[field]}"
        for said in (subjects, quoted)
    )
    raise Disallowed(message, field, told)


async def shown(
    candidates: Candidates, drawing: Drawing, summary: str, order: CoverRequest, rounds: int
) -> Shown:
    """The candidates that may be shown; each that may not is drawn anew, from the next number on.

    Args:
        summary: in the song's own language, for rerankers that read it.
        rounds: how often at most; then there are fewer.

    Raises:
        Disallowed: none may be shown.
        CoverError: a stage failed.
    """
    kept: list[Candidate] = []
    withheld: list[str] = []
    places = list(range(drawing.candidates))
    first = drawing.first
    for _ in range(rounds + 1):
        further = replace(drawing, candidates=len(places), first=first)
        found = await candidates.make(further, summary, places)
        first += len(places)
        kept += [candidate for candidate in found if candidate.withheld is None]
        withheld += [candidate.withheld for candidate in found if candidate.withheld is not None]
        places = [c.drawn.candidate for c in found if c.withheld is not None]
        if not places:
            break
    for subject in withheld:
        metrics.WITHHELD.add(subject=subject)
    if not kept:
        field = "lyrics" if order.prompt is None else "prompt"
        said = f"all {len(withheld)} covers drawn were withheld by policy ({_told(withheld)})"
        message = f"{said}: word the {field} otherwise"
        raise Disallowed(message, field, message)
    return Shown(sorted(kept, key=lambda candidate: candidate.drawn.candidate), withheld)


def _told(subjects: Sequence[str]) -> str:
    return ", ".join(subject.replace("_", " ") for subject in dict.fromkeys(subjects))


def _field(order: CoverRequest) -> str:
    """Which field of the request the refused words came from."""
    if order.prompt is not None:
        return "prompt"
    return "style" if order.style and check_prompt(order.style) else "lyrics"
