"""The graph: what `serve_config.yaml` starts.

No `from __future__ import annotations` here: Ray reads the type of the builder's argument, and a
string would make it pass the raw YAML unchecked.
"""

from typing import Any

from ray.serve import Application

from deployments.api.ingress import Ingress
from deployments.config.application import AppOptions, named_folder
from deployments.stages.colocated import Colocated, StageHandle
from deployments.stages.generator import Generator
from deployments.stages.preprocess import Preprocess
from deployments.stages.reranker import Reranker
from deployments.stages.sentiment import Sentiment
from deployments.stages.summarizer import Summarizer
from deployments.stages.translator import Translator


def build(args: AppOptions) -> Application:
    """Bind every stage to its options and the ingress to every stage. Loads no model.

    Raises:
        pydantic.ValidationError: an option is unknown or out of range.
    """
    options = AppOptions.model_validate(args)
    # `serve run deployments.app:build` builds in its own shell, whose environment the replicas do not have.
    options = options.model_copy(update={"data": named_folder(options.data)})
    device = options.device
    stages: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "preprocess": (Preprocess, (options.spacing,)),
        "summarizer": (Summarizer, (options.summarizer, options.translator, device)),
        "translator": (Translator, (options.translator, device)),
        "sentiment": (Sentiment, (options.sentiment, device)),
        "generator": (Generator, (options.generator, device)),
        "reranker": (Reranker, (options.reranker, device, options.policy)),
    }
    handles: dict[str, Any] = {}
    for group, names in options.colocate.items():
        together = {name: stages.pop(name) for name in names}
        recipes = {name: (stage.func_or_class, args) for name, (stage, args) in together.items()}
        shared = _bind(_named(Colocated, group), recipes)
        handles |= {name: StageHandle(shared, name) for name in names}
    handles |= {name: _bind(stage, *args) for name, (stage, args) in stages.items()}
    return _bind(Ingress, **handles, options=options)


def _named(deployment: Any, name: str) -> Any:
    """The deployment under another name."""
    return deployment.options(name=name)


def _bind(deployment: Any, *arguments: Any, **named: Any) -> Application:
    """`deployment.bind(...)`, of which Ray's decorator hides the type."""
    bound: Application = deployment.bind(*arguments, **named)
    return bound
