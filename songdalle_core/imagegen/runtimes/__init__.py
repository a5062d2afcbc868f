"""What runs the model: PyTorch on any device, or the native kernel on a CPU."""
