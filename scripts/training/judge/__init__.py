"""An independent judge of covers: a small classifier that names what a picture shows."""
