"""Parts of `scripts/training/train_rqvae.py`: the closed form and the decoder's training."""
