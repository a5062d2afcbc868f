"""Reads the evaluation sets of the embedded text models and measures against them."""
