"""Load tests over HTTP: open and closed loops of songs, and a report of what the service made of them."""
