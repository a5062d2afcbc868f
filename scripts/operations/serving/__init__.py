"""The parts of scripts/operations/serve.py: its plan, the processes it starts, what those say."""
