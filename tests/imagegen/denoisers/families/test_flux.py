from __future__ import annotations

import pytest

from tests.imagegen.denoisers.conftest import Denoisers
from tests.imagegen.denoisers.parity import LONG, SHORT, assert_parity

PROMPTS = pytest.mark.parametrize("prompt", [SHORT, LONG], ids=["short", "long"])


@PROMPTS
def test_flux_draws_what_the_pipeline_draws(denoisers: Denoisers, prompt: str) -> None:
    assert_parity(denoisers("flux"), prompt, guidance_scale=0.0, max_sequence_length=256)


@PROMPTS
@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_klein_draws_what_the_pipeline_draws(
    denoisers: Denoisers, prompt: str, guidance: float
) -> None:
    assert_parity(denoisers("flux2_klein", guidance=guidance), prompt, guidance_scale=guidance)


def test_a_shorter_bucket_is_the_pipelines_too(denoisers: Denoisers) -> None:
    denoiser = denoisers("flux", prompt_tokens=32)
    assert_parity(denoiser, SHORT, guidance_scale=0.0, max_sequence_length=32)


def test_flux_takes_no_negative_prompt(denoisers: Denoisers) -> None:
    with pytest.raises(ValueError, match=r"negative_prompt: .* takes none"):
        denoisers("flux", guidance=4.0, negative_prompt="letters")
