from __future__ import annotations

import pytest

from tests.imagegen.denoisers.conftest import Denoisers
from tests.imagegen.denoisers.parity import LONG, SHORT, assert_parity


@pytest.mark.parametrize("prompt", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize("family", ["stable_diffusion", "sdxs", "sdxl"])
def test_draws_what_the_pipeline_draws(denoisers: Denoisers, family: str, prompt: str) -> None:
    assert_parity(denoisers(family), prompt, guidance_scale=0.0)


@pytest.mark.parametrize("family", ["stable_diffusion", "sdxl"])
@pytest.mark.parametrize("negative", [None, "text, letters"])
def test_draws_what_the_pipeline_draws_with_guidance(
    denoisers: Denoisers, family: str, negative: str | None
) -> None:
    denoiser = denoisers(family, guidance=5.0, negative_prompt=negative)
    assert_parity(denoiser, SHORT, guidance_scale=5.0, negative_prompt=negative)


@pytest.mark.parametrize("prompt", [SHORT, LONG], ids=["short", "long"])
def test_a_network_that_is_told_its_guidance(denoisers: Denoisers, prompt: str) -> None:
    assert_parity(denoisers("lcm", guidance=8.5), prompt, guidance_scale=8.5)


def test_clip_reads_so_many_tokens_and_no_others(denoisers: Denoisers) -> None:
    with pytest.raises(ValueError, match="prompt_tokens is 100: CLIP reads 77"):
        denoisers("stable_diffusion", prompt_tokens=100)
