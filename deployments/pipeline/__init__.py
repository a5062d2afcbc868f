"""Lyrics to prompt, prompt to covers: the order of the stages."""
