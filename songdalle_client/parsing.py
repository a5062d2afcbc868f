"""Answers out of JSON."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from songdalle_client.errors import Unexpected

Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], body: bytes | str, name: str = "answer") -> Model:
    """An answer, or another part of it called `name`, from its JSON.

    Raises:
        Unexpected: it has another shape.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "JSON"
        message = f"the {name} is no {model.__name__} of this service ({where}: {first['msg']})"
        raise Unexpected(message) from None
