from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from songdalle_core.captions.vocabulary import LIGHT, PLACE, SUBJECT
from songdalle_core.reranking.prototypes import FILE, SOFTNESS, Prototypes

VALUES = {SUBJECT: ("", "cat", "dog"), PLACE: ("", "sea")}


@pytest.fixture
def prototypes() -> Prototypes:
    torch.manual_seed(0)
    points = {field: 3 * torch.randn(len(names), 8) for field, names in VALUES.items()}
    return Prototypes(VALUES, points, {SUBJECT: 40.0, PLACE: 20.0})


def test_the_fit_is_a_log_probability(prototypes: Prototypes) -> None:
    features = F.normalize(torch.randn(5, 8), dim=1)
    expected = []
    for feature in features:
        total = 0.0
        for field, scale, row in ((SUBJECT, 40.0, 2), (PLACE, 20.0, 1)):
            logits = [
                SOFTNESS * scale * float(feature @ point) for point in prototypes.points[field]
            ]
            total += logits[row] - math.log(sum(map(math.exp, logits)))
        expected.append(total)
    fit = prototypes.fit(features, {SUBJECT: ("dog",), PLACE: ("sea",)})
    torch.testing.assert_close(fit, torch.tensor(expected), atol=1e-4, rtol=1e-4)
    assert float(fit.max()) < 0


def test_what_shows_the_thing_fits_best(prototypes: Prototypes) -> None:
    cat, dog = prototypes.points[SUBJECT][1:]
    features = torch.stack([dog, cat])
    assert int(prototypes.fit(features, {SUBJECT: ("cat",)}).argmax()) == 1
    assert int(prototypes.fit(features, {SUBJECT: ("dog",)}).argmax()) == 0
    # of two subjects both are looked for
    each = [prototypes.fit(features, {SUBJECT: (name,)}) for name in ("cat", "dog")]
    both = prototypes.fit(features, {SUBJECT: ("cat", "dog")})
    torch.testing.assert_close(both, (each[0] + each[1]) / 2)


@pytest.mark.parametrize("wanted", [{}, {SUBJECT: ()}, {SUBJECT: ("cow",)}, {LIGHT: ("noon",)}])
def test_what_is_not_known_counts_for_nothing(
    prototypes: Prototypes, wanted: dict[str, tuple[str, ...]]
) -> None:
    assert prototypes.fit(torch.ones(3, 8), wanted).tolist() == [0, 0, 0]


def test_no_pictures(prototypes: Prototypes) -> None:
    assert prototypes.fit(torch.zeros(0, 8), {SUBJECT: ("cat",)}).shape == (0,)


def test_they_are_stored_in_half_precision(prototypes: Prototypes, tmp_path: Path) -> None:
    assert prototypes.write(tmp_path) == tmp_path / FILE
    loaded = Prototypes.of(tmp_path)
    assert loaded is not None
    assert loaded.values == VALUES
    assert loaded.scales == prototypes.scales
    for field in VALUES:
        torch.testing.assert_close(
            loaded.points[field], prototypes.points[field], atol=2e-3, rtol=0
        )
    assert (tmp_path / FILE).stat().st_size < 1000


def test_a_folder_without_any(tmp_path: Path) -> None:
    assert Prototypes.of(tmp_path) is None


def test_a_file_without_prototypes_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"nothing")
    with pytest.raises(ValueError, match="holds no prototypes"):
        Prototypes.of(tmp_path)


@pytest.mark.parametrize(
    ("points", "scales"),
    [
        ({SUBJECT: torch.ones(3, 2)}, {SUBJECT: 1.0, PLACE: 1.0}),
        ({SUBJECT: torch.ones(2, 2), PLACE: torch.ones(2, 2)}, {SUBJECT: 1.0, PLACE: 1.0}),
        ({SUBJECT: torch.ones(3), PLACE: torch.ones(2, 2)}, {SUBJECT: 1.0, PLACE: 1.0}),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    points: dict[str, torch.Tensor], scales: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match=r"values|points"):
        Prototypes(VALUES, points, scales)
