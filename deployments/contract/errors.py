"""How a request can end without covers. `problems.py` says each in HTTP."""

from __future__ import annotations

RETRY_AFTER = 5
"""Seconds after which a refused client may try again, where nothing better is known."""


class CoverError(Exception):
    """Base of the errors below; the message is for the client."""


class NothingToDraw(CoverError):
    """The lyrics hold nothing that the stages can read."""


class Disallowed(CoverError):
    """The prompt asks for something that is not drawn, or every cover had to be withheld.

    The message has no word of the client's, for it may end up in traces; `to_client` has them.

    Attributes:
        field: of the request, that asked for it.
        to_client: the message for the client alone.
    """

    def __init__(self, message: str, field: str, to_client: str) -> None:
        super().__init__(message, field, to_client)  # all in `args`, see `Overloaded`
        self.field = field
        self.to_client = to_client

    def __str__(self) -> str:
        return str(self.args[0])


class Unfit(CoverError):
    """A field of a request does not fit what it is asked of.

    Attributes:
        field: of the request, that has to be changed.
    """

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, field)  # both in `args`: exceptions cross processes pickled
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])


class Unsupported(Unfit):
    """The request chooses what the model that draws here has no choice of: the field has to be left out."""


class NotFound(CoverError):
    """There is no such cover set or picture."""


class Overloaded(CoverError):
    """A bounded queue is full.

    Attributes:
        retry_after: seconds to wait before the next try.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, retry_after)  # both in `args`: exceptions cross processes pickled
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.args[0])


class Stopping(Overloaded):
    """The service is being stopped, and may be started again."""


class LineFull(Overloaded):
    """As many jobs wait in line as may.

    Attributes:
        moment: seconds for which that surely stays so unless somebody leaves.
    """

    def __init__(self, message: str, retry_after: int, moment: float) -> None:
        super().__init__(message, retry_after)
        self.args = (message, retry_after, moment)
        self.moment = moment


class StageUnavailable(CoverError):
    """A stage is down or restarting, and trying again did not help."""


class StageCrashed(CoverError):
    """A stage died at every try of this request: most likely of the request itself."""


class StageTimeout(CoverError):
    """A stage took longer than its time-out."""


class DatabaseUnavailable(CoverError):
    """The database does not answer, or cannot be written."""


class KeyReused(CoverError):
    """An idempotency key came with another request before."""


class Cancelled(CoverError):
    """The job was cancelled: by its client, or because nobody listened any more."""


class StorageFull(CoverError):
    """The covers cannot be written: no space, or the folder is not writable."""


class PicturesUnavailable(CoverError):
    """The store of the pictures does not answer."""


class LyricsProviderBusy(Overloaded):
    """A provider of lyrics must not be asked now."""


class LyricsProviderFailed(CoverError):
    """A provider of lyrics does not answer, or not as it should."""


class MetricsUnavailable(CoverError):
    """A metrics agent of the cluster does not answer."""
