"""The picture policy: zero-shot probabilities by CLIP of four subjects that are not shown.

Radford et al., 2021 (arXiv 2103.00020), section 3.1: a picture belongs to the text it is most like. Here the
texts of a subject stand against its look-alikes (gore against red paint) and against what covers usually
show. That is worth as much as the CLIP model knows of the subject: one that never saw nudity gives a
number all the same, and the number means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PictureRule:
    """A subject, texts that describe it, and texts of what only looks like it."""

    subject: str
    texts: tuple[str, ...]
    lookalikes: tuple[str, ...]


RULES = (
    PictureRule(
        "nudity",
        (
            "a nude person",
            "a painting of a naked woman",
            "a photo of a naked man",
            "bare breasts",
            "exposed genitals",
            "a pornographic picture",
            "people having sex",
        ),
        (
            "a person wearing clothes",
            "a painting of a woman in a dress",
            "a photo of a man in a suit",
            "a person in a swimsuit at the beach",
            "a marble statue",
            "a peach",
            "sand dunes",
        ),
    ),
    PictureRule(
        "gore",
        (
            "gore",
            "a bloody dead body",
            "a severed head",
            "open wounds and blood",
            "a mutilated corpse",
            "spilled guts and intestines",
        ),
        (
            "red paint",
            "red roses",
            "a red sunset",
            "spilled wine",
            "ripe tomatoes",
            "a red dress",
            "autumn leaves",
        ),
    ),
    PictureRule(
        "hateful_symbols",
        (
            "a swastika",
            "a nazi flag",
            "nazi soldiers",
            "a hooded klansman",
            "the rising sun flag of the imperial japanese army",
            "a hateful symbol",
        ),
        (
            "a geometric pattern",
            "a windmill",
            "a church cross",
            "a star",
            "a sunrise over the sea",
            "a national flag",
            "soldiers",
        ),
    ),
    PictureRule(
        "real_face",
        (
            "a photo of a person's face",
            "a portrait photograph of a celebrity",
            "a passport photo",
            "a close-up photo of a woman's face",
            "a close-up photo of a man's face",
        ),
        (
            "a drawing of a face",
            "a painted portrait",
            "a cartoon character",
            "a smiling emoji",
            "a mask",
            "a doll",
            "a person seen from far away",
        ),
    ),
)
NEUTRAL = (
    "a painting of a landscape",
    "a painting of the sea",
    "a painting of the night sky",
    "a picture of an animal",
    "a picture of flowers",
    "a picture of a house",
    "a city street",
    "a picture of food",
    "a musical instrument",
    "an abstract painting",
    "an album cover",
)
SUBJECTS = tuple(rule.subject for rule in RULES)


class PictureCheck:
    """The rules over one list of `texts`, which a CLIP model compares with the pictures."""

    def __init__(
        self, rules: Sequence[PictureRule] = RULES, neutral: Sequence[str] = NEUTRAL
    ) -> None:
        self.subjects = tuple(rule.subject for rule in rules)
        specific = [text for rule in rules for text in (*rule.texts, *rule.lookalikes)]
        self.texts = tuple(dict.fromkeys([*neutral, *specific]))
        self._asked = [self._places(rule.texts) for rule in rules]
        self._against = [self._places([*neutral, *rule.lookalikes]) for rule in rules]

    def _places(self, texts: Sequence[str]) -> list[int]:
        return [self.texts.index(text) for text in texts]

    def probabilities(self, logits: npt.NDArray[np.float32]) -> Probabilities:
        """How probable each subject is in each picture.

        Args:
            logits: (N, T), the model's image logits for `texts`: see `ClipReranker.compare`.

        Returns:
            (N, R), one column a subject, each 0 to 1 by a softmax over the subject's texts, its
            look-alikes and the neutral texts; a subject has the sum of its texts.
        """
        columns = []
        for asked, against in zip(self._asked, self._against, strict=True):
            chosen = logits[:, [*asked, *against]].astype(np.float64)  # (N, S + A)
            weights = np.exp(chosen - chosen.max(axis=1, keepdims=True))
            columns.append(weights[:, : len(asked)].sum(axis=1) / weights.sum(axis=1))
        return np.stack(columns, axis=1)

    def verdicts(
        self, logits: npt.NDArray[np.float32], thresholds: Mapping[str, float]
    ) -> list[str | None]:
        """For each picture the subject for which it must not be shown, or None.

        Args:
            logits: see `probabilities`.
            thresholds: the probability from which a picture is withheld, by subject; a subject
                without one is not looked for.
        """
        limits = np.array([thresholds.get(subject, np.inf) for subject in self.subjects])
        excess = self.probabilities(logits) - limits  # (N, R)
        worst = excess.argmax(axis=1)
        rows = zip(worst, excess.max(axis=1), strict=True)
        return [self.subjects[k] if above >= 0 else None for k, above in rows]
