"""Parts of `scripts/operations/study.py`: what training on a corpus changes, from summaries to covers."""
