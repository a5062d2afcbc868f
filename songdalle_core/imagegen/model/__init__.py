"""The models and what they are made of: RQ-VAE, RQ-Transformer, sampling, tokenizer, checkpoints."""
