"""How long a request is going to take, by how long the last ones took."""

from __future__ import annotations

FIRST_GUESS = 0.1  # seconds a candidate, until something was measured
MEMORY = 0.8  # of the mean that a new measurement leaves


class Pace:
    """Seconds the service takes for one candidate when it is busy, as a moving mean."""

    def __init__(self) -> None:
        self.seconds = FIRST_GUESS
        self._measured = False

    def learn(self, seconds: float, candidates: int) -> None:
        """A request took `seconds` while `candidates` were wanted, its own among them."""
        found = seconds / max(1, candidates)
        self.seconds = MEMORY * self.seconds + (1 - MEMORY) * found if self._measured else found
        self._measured = True

    def estimate(self, candidates: int) -> float:
        """Seconds until `candidates` are drawn, one's own and those before them."""
        return round(self.seconds * candidates, 1)
