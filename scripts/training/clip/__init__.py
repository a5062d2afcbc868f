"""Parts of `scripts/training/train_clip.py`: the model, its batches and its measures."""
