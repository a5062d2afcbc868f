"""How a deployment takes over its `user_config`: whole or not at all, so that a slip in it ends no replica.

An error in `reconfigure` makes Ray Serve (2.60) stop the replica that raises it, and each that replaces it:
with one replica nobody answers until another configuration is deployed.
"""

from __future__ import annotations

import logging
from typing import Any, ClassVar, Generic, TypeVar

from deployments.config.base import Options

_log = logging.getLogger("ray.serve")

Tuned = TypeVar("Tuned")


class Tunable(Generic[Tuned]):
    """Base of all deployments. A subclass names its `Tunables` and takes them over in `tune`.

    Attributes:
        Tunables: the options that `user_config` holds.
        refused: why the last `user_config` was refused; "" if it was not. The values before it are kept.
    """

    Tunables: ClassVar[type[Options]]
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
        return cls.Tunables.read(user_config)  # type: ignore[return-value]

    async def tune(self, tunables: Tuned) -> None:
        """Take over other values."""
        raise NotImplementedError

    def _made_with(self) -> tuple[Any, ...]:
        """The arguments that `check` wants."""
        return ()

    async def reconfigure(self, user_config: dict[str, Any] | None, rank: Any = None) -> None:
        """Take over a changed `user_config`, or go on with the values before it.

        Args:
            user_config: None, the defaults, where the configuration has none (any more).
            rank: of no use here; without it Ray would not tell that a `user_config` was taken out.

        Raises:
            Exception: of a new replica, whose start fails then.
        """
        try:
            given = {} if user_config is None else user_config
            tunables: Tuned = self.check(given, *self._made_with())
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
