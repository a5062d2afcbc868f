"""C2PA: a signed manifest in a release file, where the operator has a certificate.

Content Credentials (C2PA Technical Specification 2.2): who made the file, with what, and that a trained model
did. Signing comes last: any change of the file afterwards breaks the manifest's hash. `c2pa-python` is an
optional extra (`pip install "song-dalle[c2pa]"`), imported only here.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from songdalle_core import __version__
from songdalle_core.provenance import SOURCE_TYPE

Algorithm = Literal["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"]
MISSING = "signing needs c2pa-python, which is not installed: pip install 'song-dalle[c2pa]'"


class SigningError(RuntimeError):
    """A file cannot be signed: no library, or a certificate that is none."""


@dataclass(frozen=True)
class Certificate:
    """The operator's certificate.

    Attributes:
        chain: PEM file of the certificate and those above it, its own first.
        key: PEM file of its private key, PKCS #8.
        algorithm: of the signature.
    """

    chain: Path
    key: Path
    algorithm: Algorithm = "es256"


class ManifestSigner:
    """Signs release files. Safe to share between threads: each file gets a signer of its own.

    Args:
        certificate: whose.

    Raises:
        SigningError: the library is missing, a file cannot be read, or the certificate cannot sign.
    """

    def __init__(self, certificate: Certificate) -> None:
        try:
            import c2pa
        except ImportError:
            raise SigningError(MISSING) from None
        self._c2pa: Any = c2pa
        self._algorithm = certificate.algorithm
        try:
            self._chain, self._key = certificate.chain.read_bytes(), certificate.key.read_bytes()
        except OSError as error:
            raise SigningError(f"{error.filename} cannot be read: {error.strerror}") from error
        self._signer().close()

    def signed(
        self, content: bytes, media_type: str, title: str, model: str, typeset: bool
    ) -> bytes:
        """The file with its manifest.

        Args:
            content: a finished JPEG or PNG.
            title: of the manifest.
            model: that drew the picture.
            typeset: whether type was set over the picture.

        Raises:
            SigningError: the library refuses.
        """
        actions: list[dict[str, Any]] = [
            {
                "action": "c2pa.created",
                "digitalSourceType": SOURCE_TYPE,
                "softwareAgent": {"name": model},
            }
        ]
        if typeset:
            actions.append({"action": "c2pa.edited", "description": "title and artist set in type"})
        manifest = {
            "claim_generator_info": [{"name": "Song DALL-E", "version": __version__}],
            "title": title,
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
        }
        settings = self._c2pa.Settings.from_dict({"builder": {"thumbnail": {"enabled": False}}})
        out = io.BytesIO()
        try:
            context = self._c2pa.Context(settings)
            with (
                self._c2pa.Builder(json.dumps(manifest), context) as builder,
                self._signer() as signer,
            ):
                builder.sign(signer, media_type, io.BytesIO(content), out)
        except self._c2pa.C2paError as error:
            raise SigningError(f"the file cannot be signed: {error}") from error
        return out.getvalue()

    def _signer(self) -> Any:
        info = self._c2pa.C2paSignerInfo(self._algorithm.encode(), self._chain, self._key, b"")
        info.ta_url = None  # a time-stamp server would be asked over the network
        try:
            return self._c2pa.Signer.from_info(info)
        except self._c2pa.C2paError as error:
            raise SigningError(f"the certificate cannot sign: {error}") from error


def read_manifest(content: bytes, media_type: str) -> dict[str, Any] | None:
    """The active manifest of a file with the state of its validation; None without one.

    Raises:
        SigningError: the library is missing.
    """
    try:
        import c2pa
    except ImportError:
        raise SigningError(MISSING) from None
    reader: Any = c2pa.Reader.try_create(media_type, io.BytesIO(content))
    if reader is None:
        return None
    with reader:
        return {**(reader.get_active_manifest() or {}), "state": reader.get_validation_state()}
