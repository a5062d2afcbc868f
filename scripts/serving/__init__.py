"""The parts of scripts/serve.py: its plan, the processes it starts, what those say."""
