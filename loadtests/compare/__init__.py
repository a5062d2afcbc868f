"""Ways to serve side by side: `python -m loadtests compare`, and the page of its figures."""
