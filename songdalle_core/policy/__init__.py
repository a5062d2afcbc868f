"""What is not drawn and not shown: a check of prompts by words, and of pictures by what CLIP sees."""

from songdalle_core.policy.prompts import Finding, check_prompt

__all__ = ["Finding", "check_prompt"]
