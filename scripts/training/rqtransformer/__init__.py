"""Parts of `scripts/training/train_rqtransformer.py`: batches and the training loop."""
