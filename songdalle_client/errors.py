"""How a call can fail."""

from __future__ import annotations

from songdalle_client.answers import Problem


class ClientError(Exception):
    """Base of the errors below; the message is for people."""


class Unreachable(ClientError):
    """No connection to the service came about."""


class Lost(ClientError):
    """The connection ended, or fell silent, before the answer was complete."""


class Unexpected(ClientError):
    """The answer is none of this service."""


class ServiceError(ClientError):
    """The service says what is wrong.

    Attributes:
        problem: its own description.
        retry_after: seconds after which it wants to be asked again.
        request_id: its name for the request, to find it in the log.
    """

    def __init__(
        self, problem: Problem, retry_after: float | None = None, request_id: str = ""
    ) -> None:
        super().__init__(problem.describe())
        self.problem = problem
        self.retry_after = retry_after
        self.request_id = request_id or problem.request_id

    @property
    def status(self) -> int:
        """As in HTTP."""
        return self.problem.status
