"""Parts of `scripts/training/train_embedded.py`: the steps, their state, and how they are run."""
