"""Offered load: songs and requests over them, when they are sent, and when it is enough."""
