"""What all options share."""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

Device = Literal["auto", "cpu", "cuda"]
Dtype = Literal["float32", "float16", "bfloat16"]
Beams = Annotated[int, Field(ge=1, le=32)]


class Options(BaseModel):
    """Base of all options: frozen, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, values: Any) -> Self:
        """As `model_validate`, for people.

        Raises:
            ValueError: one line that names each bad key, what may have been meant, and never a value.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ValueError(_explained(error, cls)) from None


class PretrainedOptions(Options):
    """How a published transformer is run; only the stage that chose it imports torch.

    Attributes:
        model: a folder, or a name on the model hub.
        revision: branch, tag or commit on the model hub.
        dtype: of the weights; float16 needs a GPU.
        threads: CPU threads of the model.
        batch_tokens: most tokens of one call of the model, padding included; bounds its memory.
    """

    model: str
    revision: str | None = None
    dtype: Dtype = "float32"
    threads: PositiveInt = 1
    batch_tokens: PositiveInt = 8192


def _explained(error: ValidationError, kind: type[BaseModel]) -> str:
    faults = []
    for fault in error.errors(include_url=False, include_input=False):
        *folders, key = [str(part) for part in fault["loc"]] or [""]
        place = ".".join([*folders, key])
        if fault["type"] != "extra_forbidden":
            message = fault["msg"].removeprefix("Value error, ")
            faults.append(f"{place}: {message}" if place else message)
            continue
        close = difflib.get_close_matches(key, sorted(_names(kind)), 1)
        faults.append(f"{place}: there is no such key" + (f"; is it {close[0]}?" if close else ""))
    return "; ".join(faults)


def _names(kind: Any) -> set[str]:
    """Of the fields of a type's models, and of those below them."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        below = (_names(field.annotation) for field in kind.model_fields.values())
        return set(kind.model_fields).union(*below)
    return set[str]().union(*map(_names, get_args(kind)))
