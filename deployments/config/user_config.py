"""Numbers to tune on a running service: each deployment's `user_config` in `serve_config.yaml`.

Ray hands a changed `user_config` to `reconfigure` in place; nothing restarts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit, urlunsplit

import yaml
from pydantic import (
    Field,
    IPvAnyNetwork,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from deployments.config.base import Options
from songdalle_core.imagegen.model.options import MAX_GUIDANCE, MAX_STEPS, MAX_TEMPERATURE
from songdalle_core.summarization import SummaryOptions

OTLP_PATH = "/v1/traces"  # below a collector's address, as OTLP has it


class NoTunables(Options):
    """Of a deployment that has nothing to tune."""


class BatchTunables(Options):
    """How a short stage gathers requests.

    Attributes:
        max_batch_size: requests answered by one call of the model.
        batch_wait_timeout_s: how long the first request of a batch waits for company.
        patience_s: age of a batch at which the replica counts as hung and ends, for another to take its place;
            below the ingress's time-out for the stage, those that wait are rescued.
    """

    max_batch_size: PositiveInt = 8
    batch_wait_timeout_s: NonNegativeFloat = 0.005
    patience_s: PositiveFloat = 60.0


_SUMMARY = SummaryOptions()


class SummarizerTunables(BatchTunables):
    """Lengths of a summary's sentences, in characters; KoBART goes by tokens, in its options."""

    min_chars: PositiveInt = _SUMMARY.min_chars
    max_chars: PositiveInt = _SUMMARY.max_chars


class SamplingTunables(Options):
    """Sampling defaults in place of those the model was published with; None keeps the model's.

    Each generator has some of them: see `sampling` of its options.
    """

    temperature: Annotated[float, Field(gt=0, le=MAX_TEMPERATURE)] | None = None
    top_k: Annotated[int, Field(ge=0)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    guidance: Annotated[float, Field(ge=0, le=MAX_GUIDANCE)] | None = None
    steps: Annotated[int, Field(ge=1, le=MAX_STEPS)] | None = None


class GeneratorTunables(Options):
    """Sampling defaults and patience of the generator.

    Attributes:
        slots: candidates drawn at once, a multiple of the engine's width; None keeps `engine.slots`.
        patience_s: age of a busy engine's last step at which the replica counts as hung.
        retry_after_s: what a refused client is told to wait.
    """

    sampling: SamplingTunables = SamplingTunables()
    slots: PositiveInt | None = None
    patience_s: PositiveFloat = 60.0
    retry_after_s: PositiveInt = 5


Probability = Annotated[float, Field(gt=0, le=1)]


class Thresholds(Options):
    """From which probability on a cover is withheld; None: the subject is not looked for.

    The first four are of the reranker's CLIP (`songdalle_core.policy.pictures`), `exposed` is NudeNet's.
    `scripts/evaluation/measure_policy.py` tells what a model says of harmless pictures.
    """

    nudity: Probability | None = 0.9
    gore: Probability | None = 0.9
    hateful_symbols: Probability | None = 0.9
    real_face: Probability | None = 0.9
    exposed: Probability | None = 0.5


class RerankerTunables(Options):
    """How sure the policy has to be, and when the replica counts as hung.

    Attributes:
        thresholds: without effect where `args.policy` switches the policy off.
        patience_s: age of a call of the model at which the replica ends, for another to take its place.
    """

    thresholds: Thresholds = Thresholds()
    patience_s: PositiveFloat = 60.0


class Timeouts(Options):
    """Seconds each stage may take, queueing included, and a release; they count anew when a replica died."""

    preprocess: PositiveFloat = 60.0
    summarizer: PositiveFloat = 30.0
    translator: PositiveFloat = 30.0
    sentiment: PositiveFloat = 30.0
    generator: PositiveFloat = 120.0
    reranker: PositiveFloat = 60.0
    release: PositiveFloat = 120.0
    ready: PositiveFloat = 5.0


class FileTraces(Options):
    """Spans as lines of JSON, `spans-<process>.jsonl` in a folder."""

    kind: Literal["file"] = "file"
    folder: Path


class OtlpTraces(Options):
    """Spans to a collector that speaks OTLP over HTTP.

    Attributes:
        endpoint: where spans are posted to; one without a path is the collector's own address, below which
            they go to /v1/traces.
        timeout_s: of one post.
    """

    kind: Literal["otlp"] = "otlp"
    endpoint: str = f"http://127.0.0.1:4318{OTLP_PATH}"
    timeout_s: PositiveFloat = 5.0

    @field_validator("endpoint")
    @classmethod
    def _with_path(cls, endpoint: str) -> str:
        try:
            parts = urlsplit(endpoint.strip())
            named = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            named = False
        if not named:
            raise ValueError(
                f"{endpoint!r} is no HTTP address: write http://host:4318, or the whole URL with its path"
            )
        own_path = parts.path.strip("/") != ""
        return urlunsplit(parts if own_path else parts._replace(path=OTLP_PATH))


class TracingTunables(Options):
    """Where traces go.

    Attributes:
        exporter: None: there are none.
        share: of the requests that are traced; a caller's own decision (traceparent) goes before it.
    """

    exporter: Annotated[FileTraces | OtlpTraces, Field(discriminator="kind")] | None = None
    share: Annotated[float, Field(ge=0, le=1)] = 1.0


class ScalingTunables(Options):
    """What an ingress has to know of a Generator that scales, by its `autoscaling_config`.

    Attributes:
        start_s: seconds that a first replica takes, where there may be none; what the ingress sees replaces it.
        look_s: between looks at how many there are.
    """

    start_s: NonNegativeFloat = 30.0
    look_s: PositiveFloat = 1.0


class JobTunables(Options):
    """How jobs are run and told.

    Attributes:
        drawing: candidates of the jobs that an ingress has under way at once, about eight times the
            generator's slots, so that those are never idle and yet what was accepted first is done first; where
            the Generator scales, for each of its replicas.
        scaling: None: the Generator has a fixed number of replicas.
        waiting: jobs that may wait for that, of all ingresses, before requests are refused.
        wait_s: a request whose client stays connected is refused when it would probably wait longer than
            this in line; one whose client comes back for it (`Prefer: respond-async`) is not.
        heartbeat_s: silence in a stream of events after which a comment is sent.
        grace_s: how long a streamed job goes on when nobody listens any more.
        lease_s: after so long without a sign of life, an ingress has lost its jobs to others.
        pauses_s: before each new try of a job whose stage is full or restarting.
        poll_s: between looks into the database for jobs that wait, and for cancelled ones.
        look_s: between looks at a job of another ingress that somebody waits for or listens to.
        save_s: between writings of what was told.
    """

    drawing: PositiveInt = 96
    waiting: PositiveInt = 100
    wait_s: PositiveFloat = 30.0
    scaling: ScalingTunables | None = None

    heartbeat_s: PositiveFloat = 10.0
    grace_s: NonNegativeFloat = 30.0
    lease_s: PositiveFloat = 10.0
    pauses_s: tuple[PositiveFloat, ...] = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
    poll_s: PositiveFloat = 0.25
    look_s: PositiveFloat = 0.1
    save_s: PositiveFloat = 0.1


class AccessKey(Options):
    """Somebody who may use the service.

    Attributes:
        name: whose the covers made with the key are; another key of the same name sees them too.
        sha256: of the key, in hexadecimal; `scripts/operations/create_key.py` makes both. The key
            itself is nowhere kept.
    """

    name: Annotated[str, Field(pattern="^[A-Za-z0-9._-]{1,64}$")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class AccessTunables(Options):
    """Who may use the service, and how much.

    Attributes:
        keys: whoever has one of these may; empty: everybody, and all see one history.
        keys_file: YAML with a list of further keys, such as a mounted secret; read when this is taken over. One
            that is named and cannot be read is an error, not an open door.
        draws_per_minute: requests for covers that a key, or an address without one, may send.
        shared: these are counted in the database, by all ingresses together, instead of by each for itself.
        requests_per_minute: all others of them; each ingress counts for itself.
        origins: whose pages may call the service from a browser, such as `https://example.org`.
        proxies: networks of reverse proxies: their X-Forwarded-For, -Proto, -Host and -Prefix are believed,
            and nobody else's.
    """

    keys: tuple[AccessKey, ...] = ()
    keys_file: Path | None = None
    draws_per_minute: PositiveInt | None = None
    shared: bool = False
    requests_per_minute: PositiveInt | None = None
    origins: tuple[Annotated[str, Field(pattern="^https?://[^/]+$")], ...] = ()
    proxies: tuple[IPvAnyNetwork, ...] = ()

    def with_keys_of_file(self) -> AccessTunables:
        """The same with the keys of `keys_file` beside its own.

        Raises:
            ValueError: the file cannot be read, or has something else than keys.
        """
        if self.keys_file is None:
            return self
        try:
            found = yaml.safe_load(self.keys_file.read_text(encoding="utf-8"))
            keys = TypeAdapter(tuple[AccessKey, ...]).validate_python(found)
        except OSError as error:
            message = f"access.keys_file {self.keys_file} cannot be read: {error.strerror}"
            raise ValueError(message) from None
        except (yaml.YAMLError, UnicodeDecodeError, ValidationError):
            raise ValueError(
                f"access.keys_file {self.keys_file} is no list of keys: write lines such as those of "
                "scripts/operations/create_key.py, each after '- ', or [] for none"
            ) from None
        return self.model_copy(update={"keys": (*self.keys, *keys), "keys_file": None})


class IngressTunables(Options):
    """Patience of the ingress, and what it tells of requests."""

    timeouts: Timeouts = Timeouts()
    jobs: JobTunables = JobTunables()
    access: AccessTunables = AccessTunables()
    tracing: TracingTunables = TracingTunables()
