"""What `scripts/train_kobert_sentiment.py` and `scripts/train_kobart.py` share."""
