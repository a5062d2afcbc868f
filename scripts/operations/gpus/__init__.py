"""The parts of `plan_gpus.py`: shapes of models, their memory, fractions on GPUs, the report."""
