"""Where lyrics are searched by title."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PositiveFloat, model_validator

from deployments.config.base import Options
from songdalle_core.songs.lrclib import ADDRESS as LRCLIB_ADDRESS
from songdalle_core.songs.melon import ADDRESS as MELON_ADDRESS
from songdalle_core.songs.melon import LEGAL_NOTE, SMALLEST_GAP


class LrclibOptions(Options):
    """lrclib.net: open to all, without a key.

    Attributes:
        gap_s: seconds from one request to the next, of each replica of the Ingress.
    """

    provider: Literal["lrclib"] = "lrclib"
    address: Annotated[str, Field(pattern="^https?://")] = LRCLIB_ADDRESS
    gap_s: Annotated[float, Field(ge=0.1, le=60)] = 0.5


class MelonOptions(Options):
    """melon.com, only for those who have its consent; see `songdalle_core.songs.melon`.

    Attributes:
        consent: True says that you have Melon's.
        gap_s: seconds from one request to the next, of each replica of the Ingress.
    """

    provider: Literal["melon"] = "melon"
    consent: bool = False
    address: Annotated[str, Field(pattern="^https?://")] = MELON_ADDRESS
    gap_s: Annotated[float, Field(ge=SMALLEST_GAP, le=60)] = 3.0

    @model_validator(mode="after")
    def _consented(self) -> MelonOptions:
        if not self.consent:
            raise ValueError(
                f"{LEGAL_NOTE}: leave melon out, or say `consent: true` if you have it"
            )
        return self


class ImportedProvider(Options):
    """A provider from a file of your own; see `songdalle_core.songs.provider`.

    Attributes:
        factory: "module:name" of what makes it, on the Python path of the replicas.
        settings: its named arguments.
    """

    provider: Literal["imported"] = "imported"
    factory: Annotated[str, Field(pattern=r"^[\w.]+:[\w.]+$")]
    settings: dict[str, Any] = Field(default={})


AnyProvider = LrclibOptions | MelonOptions | ImportedProvider


class SongsOptions(Options):
    """Where lyrics are searched by title.

    Attributes:
        providers: asked in this order until one knows a song; none switches the search off.
        contact: an address or a page in the User-Agent, by which providers reach who runs the service.
        patience_s: seconds that a provider may take, retries included.
        remember: searches, and songs, that are remembered.
        remember_s: seconds for which they are; an empty answer for a minute at most.
    """

    providers: tuple[Annotated[AnyProvider, Field(discriminator="provider")], ...] = (
        LrclibOptions(),
    )
    contact: Annotated[str, Field(pattern=r"^[!-~]{3,200}$")] | None = None
    patience_s: Annotated[float, Field(ge=1, le=60)] = 15.0
    remember: Annotated[int, Field(ge=1, le=100_000)] = 512
    remember_s: PositiveFloat = 3600.0
