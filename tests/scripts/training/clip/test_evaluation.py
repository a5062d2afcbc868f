from __future__ import annotations

import torch

from scripts.training.clip.evaluation import CHOICES, picked_first, retrieval


def test_retrieval_and_questions_are_counted() -> None:
    features = torch.eye(200)
    assert retrieval(features, features) == {"image_to_text_r1": 1.0, "text_to_image_r1": 1.0}
    shifted = features.roll(1, dims=0)
    assert retrieval(features, shifted)["text_to_image_r1"] < 0.02
    scores = torch.zeros(4, CHOICES)
    scores[:2, 0] = 1.0
    assert picked_first(scores) == 0.5
