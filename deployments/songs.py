"""The catalogue of songs that the options ask for."""

from __future__ import annotations

import pkgutil

from deployments.options import AnyProvider, ImportedProvider, MelonOptions, SongsOptions
from songdalle_core.songs import Catalogue, Courtesy, Fetcher, Lrclib, Melon, Provider, user_agent
from songdalle_core.songs.melon import STOPS_ON


def open_catalogue(options: SongsOptions) -> Catalogue:
    """All providers in their order; nothing is asked yet.

    Raises:
        ValueError: an imported provider cannot be made, or two have the same name.
    """
    providers = [_provider(chosen, options) for chosen in options.providers]
    return Catalogue(providers, keep=options.remember, expiry=options.remember_s)


def _provider(chosen: AnyProvider, options: SongsOptions) -> Provider:
    if isinstance(chosen, ImportedProvider):
        return _imported(chosen)
    agent = user_agent(options.contact)
    if isinstance(chosen, MelonOptions):
        slow = Courtesy(gap=chosen.gap_s, patience=options.patience_s, stops_on=STOPS_ON)
        return Melon(Fetcher("Melon", agent, slow), chosen.address)
    courtesy = Courtesy(gap=chosen.gap_s, patience=options.patience_s)
    return Lrclib(Fetcher("LRCLIB", agent, courtesy), chosen.address)


def _imported(chosen: ImportedProvider) -> Provider:
    try:
        provider: Provider = pkgutil.resolve_name(chosen.factory)(**chosen.settings)
    except (ImportError, AttributeError, TypeError) as error:
        raise ValueError(f"songs: the provider {chosen.factory} cannot be made: {error}") from error
    return provider
