"""C2PA manifests, signed with a certificate of the tests' own and read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from songdalle_core.provenance import SOURCE_TYPE, CoverMetadata
from songdalle_core.release import FORMATS, FileFormat
from songdalle_core.release.files import encode
from songdalle_core.release.rules import check_release
from songdalle_core.release.signing import Certificate, ManifestSigner, SigningError, read_manifest
from tests.release.certificates import make_certificate
from tests.release.pictures import half_busy

METADATA = CoverMetadata("", 0, "")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_signed_file_says_who_made_it_and_keeps_the_rules(
    tmp_path: Path, kind: FileFormat
) -> None:
    file = encode(half_busy(), kind, METADATA)
    signed = ManifestSigner(make_certificate(tmp_path)).signed(
        file.content, file.media_type, "바다", "rq-transformer", True
    )
    manifest = read_manifest(signed, file.media_type)
    assert manifest is not None
    assert (manifest["state"], manifest["title"]) == ("Valid", "바다")
    assert manifest["claim_generator_info"][0]["name"] == "Song DALL-E"
    actions = manifest["assertions"][0]["data"]["actions"]
    assert [action["action"] for action in actions] == ["c2pa.created", "c2pa.edited"]
    assert actions[0]["digitalSourceType"] == SOURCE_TYPE
    assert all(finding.kept for finding in check_release(signed, 400))


def test_a_changed_file_is_no_longer_valid(tmp_path: Path) -> None:
    file = encode(half_busy(), "jpeg", METADATA)
    signer = ManifestSigner(make_certificate(tmp_path))
    signed = bytearray(signer.signed(file.content, file.media_type, "", "m", False))
    signed[-100] ^= 1
    manifest = read_manifest(bytes(signed), file.media_type)
    assert manifest is not None
    assert manifest["state"] == "Invalid"


def test_an_unsigned_file_has_no_manifest() -> None:
    assert read_manifest(encode(half_busy(), "jpeg", METADATA).content, "image/jpeg") is None


def test_a_certificate_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SigningError, match=r"nothing\.pem cannot be read"):
        ManifestSigner(Certificate(tmp_path / "nothing.pem", tmp_path / "nothing.pem"))
    (tmp_path / "text.pem").write_text("not a key")
    with pytest.raises(SigningError, match="the certificate cannot sign"):
        ManifestSigner(Certificate(tmp_path / "text.pem", tmp_path / "text.pem"))
