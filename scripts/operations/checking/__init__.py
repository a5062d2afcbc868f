"""The parts of scripts/operations/check_config.py: what Ray reads of a config, what the application does."""
