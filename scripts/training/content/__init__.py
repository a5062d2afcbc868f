"""What the pictures show: grounds drawn in code, for the layers the model learns."""
