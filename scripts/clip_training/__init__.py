"""Parts of `scripts/train_clip.py`: the model, its batches and its measures."""
