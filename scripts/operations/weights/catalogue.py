"""What can be downloaded, and what its publishers say of it.

Addresses, sizes, licences and checksums are those of the publishers' repositories and model pages; what
they do not say is `unknown` or `none published`. Sources: kakaobrain/rq-vae-transformer and
kakaobrain/minDALL-E on GitHub (README, LICENSE; the latter's `dalle/utils/utils.py` takes the folder in
the address as the archive's MD5), the model pages on huggingface.co (sizes with "about": their parameters in
float32). The vocabularies' SHA-256 are of the files at the pinned commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

KAKAO = "https://twg.kakaocdn.net/brainrepo/models/RQVAE"
MINDALLE = "https://arena.kakaocdn.net/brainrepo/models/minDALL-E"
RQ_SOURCE = (
    "https://raw.githubusercontent.com/kakaobrain/rq-vae-transformer"
    "/341395e562ac347f5eb62db9f5f08b9f2cc42a60"
)
VOCABULARIES = f"{RQ_SOURCE}/rqvae/txtimg_datasets/tokenizers/pretrained"
NON_COMMERCIAL = "CC BY-NC-SA 4.0"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class RemoteFile:
    """A file to download; `size` is words for the listing, `checksum` is `algorithm:hex digits` or empty."""

    url: str
    size: str = UNKNOWN
    checksum: str = ""

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class Profile:
    """Weights of one model: what for, and on which terms."""

    name: str
    what: str
    licence: str
    commercial: bool


@dataclass(frozen=True)
class ArchiveProfile(Profile):
    """A checkpoint published as a tar file.

    Args:
        archive: the tar file.
        files: what it must hold, as paths below the checkpoint's folder.
        vocabulary: files that it lacks and that go to `tokenizer/`, under Apache-2.0.
    """

    archive: RemoteFile
    files: tuple[str, ...]
    vocabulary: tuple[RemoteFile, ...] = ()

    @property
    def whole(self) -> tuple[str, ...]:
        """What the finished folder holds, as paths below it."""
        return (*self.files, *(f"tokenizer/{file.name}" for file in self.vocabulary))


@dataclass(frozen=True)
class HubProfile(Profile):
    """A model on huggingface.co.

    Args:
        repository: its id.
        size: of the weights, in words.
        files: patterns of the small files.
        weights: names of the weights, the best format first; the first that exists is taken.
    """

    repository: str
    size: str
    weights: tuple[str, ...] = ("model.safetensors", "pytorch_model.bin")
    files: tuple[str, ...] = ("*.json", "*.txt", "*.model", "*.spm")


RQ_FILES = ("stage1/config.yaml", "stage1/model.pt", "stage2/config.yaml", "stage2/model.pt")
MINDALLE_FILES = (
    "config.yaml",
    "stage1_last.ckpt",
    "stage2_last.ckpt",
    "tokenizer/bpe-16k-vocab.json",
    "tokenizer/bpe-16k-merges.txt",
)
RQ_VOCABULARY = (
    RemoteFile(
        f"{VOCABULARIES}/bpe-16k-vocab.json",
        "266 kB",
        "sha256:d2aab26096e9bd5997d1bb00e55414318163bc5d85652a6cdc63cffd94d9e96e",
    ),
    RemoteFile(
        f"{VOCABULARIES}/bpe-16k-merges.txt",
        "150 kB",
        "sha256:3e21329c78e51892bcf06fe184147db7b15b218db073b530e42cf65301e41381",
    ),
)
OPEN_CLIP = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        ArchiveProfile(
            "mindalle", "minDALL-E, 1.3 B: generator", NON_COMMERCIAL, False,
            RemoteFile(
                f"{MINDALLE}/57b008f02ceaa02b779c8b7463143315/1.3B.tar.gz", "about 5 GB",
                "md5:57b008f02ceaa02b779c8b7463143315",
            ),
            MINDALLE_FILES,
        ),
        ArchiveProfile(
            "rq-cc3m", "RQ-Transformer, 650 M, CC-3M: generator", NON_COMMERCIAL, False,
            RemoteFile(f"{KAKAO}/dcd95e8f08408e113aab6451fae895f5/cc3m.tar.gz"),
            RQ_FILES, RQ_VOCABULARY,
        ),
        ArchiveProfile(
            "rq-3.9b", "RQ-Transformer, 3.9 B, 30 M pairs: generator", NON_COMMERCIAL, False,
            RemoteFile(f"{KAKAO}/3a8429cd7ec0e0f2b66fca94804c79d5/cc3m_cc12m_yfcc.tar.gz"),
            RQ_FILES, RQ_VOCABULARY,
        ),
        HubProfile(
            "kobart", "KoBART: Korean summariser", "MIT", True,
            "gogamza/kobart-summarization", "496 MB",
        ),
        HubProfile(
            "kobart-base", "KoBART to fine-tune", "MIT", True,
            "gogamza/kobart-base-v2", "about 496 MB",
        ),
        HubProfile(
            "kobert", "KoBERT: Korean encoder for moods",
            "Apache-2.0 (SKTBrain/KoBERT; model page: none)", True, "skt/kobert-base-v1", "369 MB",
        ),
        HubProfile(
            "marian", "OPUS-MT: Korean to English", "Apache-2.0", True,
            "Helsinki-NLP/opus-mt-ko-en", "312 MB",
        ),
        HubProfile(
            "nllb", "NLLB-200 600M: 202 languages to English", "CC-BY-NC-4.0", False,
            "facebook/nllb-200-distilled-600M", "2.46 GB",
        ),
        HubProfile(
            "siglip2", "SigLIP2 ViT-B-32: reranker that reads Korean", "Apache-2.0", True,
            "timm/ViT-B-32-SigLIP2-256", "about 1.5 GB", OPEN_CLIP,
        ),
        HubProfile(
            "clip", "CLIP ViT-B-32 laion2b_s34b_b79k: reranker", "MIT", True,
            "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "about 605 MB", OPEN_CLIP,
        ),
    )
}  # fmt: skip

HEADINGS = ("profile", "what", "size", "licence", "commercial use", "checksum")


def table(profiles: Iterable[Profile]) -> str:
    """The table of `--list`: what each profile needs, a line a file, and the addresses below."""
    rows, addresses = [HEADINGS], []
    for profile in profiles:
        terms = (profile.licence, "yes" if profile.commercial else "no: non-commercial only")
        if isinstance(profile, HubProfile):
            size, checksum = profile.size, "the hub's, of every file"
            rows.append((profile.name, profile.what, size, *terms, checksum))
            addresses.append(f"{profile.name}: https://huggingface.co/{profile.repository}")
        elif isinstance(profile, ArchiveProfile):
            size, checksum = profile.archive.size, _published(profile.archive)
            rows.append((profile.name, profile.what, size, *terms, checksum))
            for file in profile.vocabulary:
                what = f"  its text vocabulary, {file.name}"
                rows.append(("", what, file.size, "Apache-2.0", "yes", _published(file)))
            files = (profile.archive, *profile.vocabulary)
            addresses += [f"{profile.name}: {file.url}" for file in files]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", *addresses])


def _published(file: RemoteFile) -> str:
    if not file.checksum:
        return "none published (recorded after the first download)"
    return file.checksum.replace(":", " ")
