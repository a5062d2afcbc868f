"""The graph: what `serve_config.yaml` starts.

No `from __future__ import annotations` here: Ray reads the type of the builder's argument, and a
string would make it pass the raw YAML unchecked.
"""

from typing import Any

from ray.serve import Application

from deployments.generator import Generator
from deployments.ingress import Ingress
from deployments.options import AppOptions
from deployments.preprocess import Preprocess
from deployments.reranker import Reranker
from deployments.sentiment import Sentiment
from deployments.summarizer import Summarizer
from deployments.translator import Translator


def build(args: AppOptions) -> Application:
    """Bind every stage to its options and the ingress to every stage. Loads no model.

    Raises:
        pydantic.ValidationError: an option is unknown or out of range.
    """
    options = AppOptions.model_validate(args)
    stages = {
        "preprocess": _bind(Preprocess, options.spacing),
        "summarizer": _bind(Summarizer, options.summarizer, options.translator, options.device),
        "translator": _bind(Translator, options.translator, options.device),
        "sentiment": _bind(Sentiment, options.sentiment, options.device),
        "generator": _bind(Generator, options.generator, options.device),
        "reranker": _bind(Reranker, options.reranker, options.device),
    }
    return _bind(Ingress, **stages, options=options)


def _bind(deployment: Any, *arguments: Any, **named: Any) -> Application:
    """`deployment.bind(...)`, of which Ray's decorator hides the type."""
    bound: Application = deployment.bind(*arguments, **named)
    return bound
