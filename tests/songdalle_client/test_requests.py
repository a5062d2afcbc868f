"""The client repeats what the service allows, for it is installed without it: here the two are held equal."""

from __future__ import annotations

import songdalle_client
import songdalle_core
from deployments.contract import covers
from songdalle_client import requests, sheet
from songdalle_core import moods, provenance


def test_limits_and_moods_are_the_services() -> None:
    assert requests.MAX_CANDIDATES == covers.MAX_CANDIDATES
    assert requests.MAX_SEED == covers.MAX_SEED
    assert requests.MOODS == moods.MOODS


def test_fields_and_their_defaults_are_the_services() -> None:
    ours = requests.CoverRequest.model_fields
    theirs = covers.CoverRequest.model_fields
    assert set(ours) == set(theirs)
    for name in ("use_mood", "sentences", "candidates", "response_format"):
        assert ours[name].default == theirs[name].default, name


def test_the_version_and_the_notice_are_the_models_packages() -> None:
    assert songdalle_client.__version__ == songdalle_core.__version__
    assert sheet.NOTICE == provenance.NOTICE
