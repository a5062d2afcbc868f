from __future__ import annotations

import pytest

from tests.imagegen.denoisers.conftest import Denoisers
from tests.imagegen.denoisers.parity import LONG, SHORT, assert_parity


@pytest.mark.parametrize("prompt", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize("guidance", [0.0, 3.0])
def test_draws_what_the_pipeline_draws(denoisers: Denoisers, prompt: str, guidance: float) -> None:
    assert_parity(denoisers("z_image", guidance=guidance), prompt, guidance_scale=guidance)


def test_texts_share_a_bucket_up_to_a_multiple_of_32(denoisers: Denoisers) -> None:
    family = denoisers("z_image").family
    texts = [family.read("a" * letters) for letters in (1, 2, 40)]
    assert texts[0].bucket == texts[1].bucket != texts[2].bucket
    assert texts[0].tensors["length"] + 1 == texts[1].tensors["length"]
    assert all(text.tensors["caption"].shape[0] == text.bucket for text in texts)
