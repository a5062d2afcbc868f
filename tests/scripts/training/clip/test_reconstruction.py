from __future__ import annotations

import numpy as np
import torch

from scripts.training.clip.reconstruction import spoil


def test_spoilt_codes_stay_in_the_vocabulary() -> None:
    codes = torch.zeros(64, 8, 8, 4, dtype=torch.long)
    spoilt = spoil(codes, 16, np.random.default_rng(0))
    shares = (spoilt != codes).float().mean(dim=(0, 1, 2))
    assert 0.04 < float(shares[1:].mean()) < 0.1
    assert float(shares[0]) < float(shares[1:].min())
    assert int(spoilt.max()) < 16
