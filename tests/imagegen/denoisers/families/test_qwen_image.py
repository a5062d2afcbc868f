from __future__ import annotations

import pytest

from tests.imagegen.denoisers.conftest import Denoisers
from tests.imagegen.denoisers.parity import LONG, SHORT, assert_parity


@pytest.mark.parametrize("prompt", [SHORT, LONG], ids=["short", "long"])
def test_draws_what_the_pipeline_draws(denoisers: Denoisers, prompt: str) -> None:
    assert_parity(denoisers("qwen_image"), prompt, true_cfg_scale=1.0)


@pytest.mark.parametrize("negative", [None, "text, letters"])
def test_draws_what_the_pipeline_draws_with_guidance(
    denoisers: Denoisers, negative: str | None
) -> None:
    denoiser = denoisers("qwen_image", guidance=4.0, negative_prompt=negative)
    assert_parity(denoiser, SHORT, true_cfg_scale=4.0, negative_prompt=negative or " ")


def test_what_fills_a_text_up_is_hidden(denoisers: Denoisers) -> None:
    text = denoisers("qwen_image").family.read(SHORT)
    mask = text.tensors["encoder_hidden_states_mask"]
    assert text.bucket == len(mask) == len(text.tensors["encoder_hidden_states"])
    assert 0 < int(mask.sum()) < len(mask)
