"""Scenes that need no art: coloured shapes on coloured grounds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw

from scripts.training.clip.scenes import Question, Sample


class ToyScenes:
    """Coloured shapes on coloured grounds: 600 different things to say."""

    values: Mapping[str, tuple[str, ...]] = {
        "concept": ("circle", "square", "triangle", "cross", "bar"),
        "colour": ("red", "green", "blue", "yellow", "white"),
        "setting": ("black", "purple", "brown", "orange", "navy", "grey"),
        "place": ("top", "bottom"),
        "size": ("small", "large"),
    }

    def sample(self, seed: int) -> Sample:
        rng = np.random.default_rng(seed)
        fields = {name: str(rng.choice(options)) for name, options in self.values.items()}
        return self._draw(fields, rng)

    def question(self, seed: int, field: str, choices: int) -> Question | None:
        right = self.sample(seed)
        wrong = [value for value in self.values[field] if value != right.fields[field]]
        rng = np.random.default_rng([seed, 1])
        others = (
            self._draw({**right.fields, field: wrong[k % len(wrong)]}, rng).image
            for k in range(choices - 1)
        )
        return Question(right.caption, (right.image, *others))

    def family(self, seed: int, field: str, members: int) -> list[Sample]:
        fields = self.sample(seed).fields
        rng = np.random.default_rng([seed, 2])
        values = [fields[field], *(v for v in self.values[field] if v != fields[field])]
        return [self._draw({**fields, field: value}, rng) for value in values[:members]]

    def _draw(self, fields: Mapping[str, str], rng: np.random.Generator) -> Sample:
        image = Image.new("RGB", (32, 32), fields["setting"])
        draw = ImageDraw.Draw(image)
        r = 4 if fields["size"] == "small" else 8
        x = int(rng.integers(10, 22))
        y = 10 if fields["place"] == "top" else 22
        colour = fields["colour"]
        box = (x - r, y - r, x + r, y + r)
        if fields["concept"] == "circle":
            draw.ellipse(box, fill=colour)
        elif fields["concept"] == "square":
            draw.rectangle(box, fill=colour)
        elif fields["concept"] == "triangle":
            draw.polygon([(x - r, y + r), (x + r, y + r), (x, y - r)], fill=colour)
        elif fields["concept"] == "cross":
            draw.line(box, fill=colour, width=3)
            draw.line((x - r, y + r, x + r, y - r), fill=colour, width=3)
        else:
            draw.rectangle((x - r, y - 2, x + r, y + 2), fill=colour)
        words = (
            f"a {fields['size']} {colour} {fields['concept']} at the {fields['place']} "
            f"on a {fields['setting']} ground"
        )
        return Sample(np.asarray(image), words, fields)
