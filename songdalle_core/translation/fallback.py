"""A translator that may fail, and a fallback for the texts that it does not translate."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from songdalle_core.translation.translator import Translation, Translator

logger = logging.getLogger(__name__)


class FailingTranslator(Protocol):
    """A translator that reports failures text by text."""

    name: str

    def attempt_many(self, texts: Sequence[str]) -> Sequence[Translation | Exception]:
        """English for each text, or the error that prevented it."""
        ...


class FallbackTranslator:
    """Translates with `first`, and with `second` where the first fails; such translations name the second.

    Args:
        first: the translator of choice.
        second: one that does not fail.
        name: of the second.
        notify: called with the number of texts that the second translated.
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
            Exception: that of the second, where it was needed.
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
