"""A translator that may fail, with another one standing in for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from songdalle_core.translation.gloss import Translation

logger = logging.getLogger(__name__)


class Translator(Protocol):
    """Translates texts into English."""

    def translate_many(self, texts: Sequence[str]) -> list[Translation]:
        """English for each text."""
        ...


class FailingTranslator(Protocol):
    """Translates what it can."""

    name: str

    def attempt_many(self, texts: Sequence[str]) -> Sequence[Translation | Exception]:
        """English for each text, or why there is none."""
        ...


class FallbackTranslator:
    """Asks `first`, and `second` for what the first could not do; such translations name the second.

    Args:
        first: the translator of choice.
        second: one that does not fail.
        name: the second's.
        notify: told how many texts the second translated.
    """

    def __init__(
        self,
        first: FailingTranslator,
        second: Translator,
        name: str,
        notify: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._first, self._name, self._notify = first, name, notify
        self.second = second

    def translate_many(self, texts: Sequence[str]) -> list[Translation]:
        """English for each text.

        Raises:
            Exception: the second's, where it had to be asked.
        """
        outcomes = self._first.attempt_many(texts)
        failures = {n: o for n, o in enumerate(outcomes) if not isinstance(o, Translation)}
        if failures:
            reasons = sorted({str(error) for error in failures.values()})
            logger.warning(
                "%s failed for %d of %d texts, %s stands in: %s",
                self._first.name, len(failures), len(texts), self._name, "; ".join(reasons),
            )  # fmt: skip
            self._notify(len(failures))
        stand_ins = iter(self.second.translate_many([texts[n] for n in failures]))
        return [
            outcome
            if isinstance(outcome, Translation)
            else replace(next(stand_ins), stand_in=self._name)
            for outcome in outcomes
        ]
