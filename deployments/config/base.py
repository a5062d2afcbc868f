"""What all options share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

Device = Literal["auto", "cpu", "cuda"]
Dtype = Literal["float32", "float16", "bfloat16"]
Beams = Annotated[int, Field(ge=1, le=32)]


class Options(BaseModel):
    """Base of all options: frozen, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
