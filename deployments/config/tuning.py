"""How a deployment takes over its `user_config`: whole or not at all, so that a slip in it ends no replica.

An error in `reconfigure` makes Ray Serve (2.60) stop the replica that raises it, and each that replaces it:
with one replica nobody answers until another configuration is deployed.
"""

from __future__ import annotations

import difflib
import logging
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ValidationError

_log = logging.getLogger("ray.serve")

Tuned = TypeVar("Tuned")


class Tunable(Generic[Tuned]):
    """Base of all deployments. A subclass names its `Tunables` and takes them over in `tune`.

    Attributes:
        Tunables: the options that `user_config` holds.
        refused: why the last `user_config` was refused; "" if it was not. The values before it are kept.
    """

    Tunables: ClassVar[type[BaseModel]]
    refused: str = ""
    _kept: Any = None  # Tuned, once there are any
    _serves: bool = False

    @classmethod
    def check(cls, user_config: dict[str, Any], *arguments: Any) -> Tuned:
        """What a `user_config` says.

        Args:
            arguments: those that the deployment is made with, where what may be tuned hangs on them.

        Raises:
            ValueError: it cannot be taken over; the message names the key.
        """
        return read(cls.Tunables, user_config)  # type: ignore[return-value]

    async def tune(self, tunables: Tuned) -> None:
        """Take over other values."""
        raise NotImplementedError

    def _made_with(self) -> tuple[Any, ...]:
        """The arguments that `check` wants."""
        return ()

    async def reconfigure(self, user_config: dict[str, Any]) -> None:
        """Take over a changed `user_config`, or go on with the values before it.

        Raises:
            Exception: of a new replica, whose start fails then.
        """
        try:
            tunables: Tuned = self.check(user_config, *self._made_with())
            await self.tune(tunables)
        except Exception as error:
            if not self._serves:
                raise
            await self._refuse(" ".join(str(error).split()) or type(error).__name__)
        else:
            self._kept, self._serves, self.refused = tunables, True, ""

    async def _refuse(self, reason: str) -> None:
        self.refused = reason
        name = type(self).__name__
        _log.error("user_config of %s is refused, what it was before is kept: %s", name, reason)
        try:
            default: Tuned = self.check({}, *self._made_with())
            await self.tune(default if self._kept is None else self._kept)
        except Exception:  # neither this may end the replica
            _log.exception("user_config of %s could not be put back", name)

    async def check_health(self) -> None:
        """The event loop answers: that is all there is to check.

        Ray asks for the first time when the first `reconfigure` is done and before the first request.
        """
        self._serves = True


def read(kind: type[BaseModel], values: Any) -> BaseModel:
    """Options of a kind.

    Raises:
        ValueError: one is unknown or out of range; the message names it and never tells its value.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise ValueError(explained(error, kind)) from None


def explained(error: ValidationError, kind: type[BaseModel]) -> str:
    """What is wrong with options, in one line: each key with its fault, and what may have been meant."""
    faults = []
    for fault in error.errors(include_url=False, include_input=False):
        *folders, key = [str(part) for part in fault["loc"]] or [""]
        place = ".".join([*folders, key])
        if fault["type"] != "extra_forbidden":
            message = fault["msg"].removeprefix("Value error, ")
            faults.append(f"{place}: {message}" if place else message)
            continue
        close = difflib.get_close_matches(key, sorted(_names(kind)), 1)
        faults.append(f"{place}: there is no such key" + (f"; is it {close[0]}?" if close else ""))
    return "; ".join(faults)


def _names(kind: type[BaseModel]) -> set[str]:
    """Of a kind's fields and of those below them."""
    names = set(kind.model_fields)
    for field in kind.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names |= _names(field.annotation)
    return names
