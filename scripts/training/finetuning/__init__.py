"""What `scripts/training/train_kobert_sentiment.py` and `scripts/training/train_kobart.py` share."""
