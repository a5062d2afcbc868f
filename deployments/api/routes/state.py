"""The state of the service: alive, ready, which models, how busy."""

import time
from collections.abc import Callable, Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field
from starlette.responses import Response

from deployments.api.openai.errors import MODELS, no_such_model
from deployments.api.openai.routes import UNEXPECTED as OPENAI_UNEXPECTED
from deployments.api.openai.routes import answer
from deployments.api.openapi import UNAVAILABLE, UNEXPECTED, problem
from deployments.contract.errors import StageUnavailable
from deployments.contract.messages import StageInfo
from deployments.pipeline.stage_calls import ASLEEP, StageCalls
from deployments.telemetry import metrics_page
from deployments.telemetry.metrics_page import Exposition


def build(calls: StageCalls, metrics: Exposition, refused: Callable[[], str]) -> APIRouter:
    """The routes about the service itself; `refused`: why the ingress's last `user_config` was."""
    router = APIRouter(tags=["service"])

    def refusals(infos: Iterable[StageInfo]) -> dict[str, str]:
        told = {"ingress": refused()} | {info.stage: info.refused for info in infos}
        return {name: reason for name, reason in told.items() if reason}

    started = int(time.time())

    @router.get("/healthz", summary="Is the service alive?", responses={500: UNEXPECTED})
    async def healthz() -> Health:
        """Says nothing of the stages: see `/readyz`."""
        return Health(status="ok")

    @router.get(
        "/readyz",
        summary="Does every stage answer?",
        response_model=Readiness,
        responses={503: {"model": Readiness, "description": "Not yet."}, 500: UNEXPECTED},
    )
    async def readyz() -> JSONResponse:
        """Each stage gets a small real call."""
        answers = await calls.survey()
        stages = {
            name: "ready" if isinstance(answer, StageInfo) else answer
            for name, answer in answers.items()
        }
        state = Readiness(
            ready=set(stages.values()) <= {"ready", ASLEEP},
            stages=stages,
            refused=refusals(a for a in answers.values() if isinstance(a, StageInfo)),
        )
        return JSONResponse(state.model_dump(), 200 if state.ready else 503)

    @router.get(
        "/v1/models",
        summary="What does each stage run?",
        responses={500: UNEXPECTED, 503: UNAVAILABLE},
    )
    async def get_models() -> Models:
        """One entry a stage, in the order of the pipeline."""
        answers = await calls.survey()
        infos = [a for a in answers.values() if isinstance(a, StageInfo)]
        if len(infos) < len(answers):
            silent = (name for name, a in answers.items() if not isinstance(a, StageInfo))
            raise StageUnavailable(f"not ready: {', '.join(silent)}")
        return Models(
            models=[Model(stage=a.stage, model=a.model, details=a.details) for a in infos],
            data=[
                ListedModel(id=a.model, created=started) for a in infos if a.stage == "generator"
            ],
            refused=refusals(infos),
        )

    @router.get(
        f"{MODELS}{{model:path}}",
        summary="Get the model that draws, as OpenAI's clients ask for it",
        tags=["OpenAI"],
        response_model=ListedModel,
        responses={
            401: answer("The service wants another key."),
            404: answer("There is no such model."),
            429: answer("Too many requests."),
            500: OPENAI_UNEXPECTED,
            503: answer("A stage does not answer."),
        },
    )
    async def get_model(
        model: Annotated[str, Path(description="`id` of a model that `/v1/models` lists.")],
    ) -> ListedModel | JSONResponse:
        """What `/v1/models` says of it in `data`."""
        for listed in (await get_models()).data:
            if listed.id == model:
                return listed
        return JSONResponse(no_such_model(model).model_dump(), 404)

    @router.get(
        "/metrics",
        summary="Metrics of the whole cluster",
        response_class=PlainTextResponse,
        responses={500: UNEXPECTED, 503: problem("A metrics agent does not answer.", wait=True)},
    )
    async def get_metrics() -> Response:
        """Ray Serve's and the application's, in Prometheus' text format; new every second."""
        return Response(await metrics.page(), media_type=metrics_page.MEDIA_TYPE)

    return router


Refused = Annotated[
    dict[str, str],
    Field(
        description="Stage, or `ingress`, to why its last `user_config` was refused; it goes on with the "
        "values before it. Empty if none was."
    ),
]


class Health(BaseModel):
    """The service is alive."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether every stage answers."""

    ready: bool
    stages: dict[str, str] = Field(
        description='Stage to "ready", to "asleep" if it starts with the next job, or to what is wrong with it.'
    )
    refused: Refused


class Model(BaseModel):
    """What a stage runs."""

    stage: str
    model: str
    details: dict[str, str | int | float]


class ListedModel(BaseModel):
    """The model that draws, as OpenAI's clients list it."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(description="Unix time at which the service began to answer.")
    owned_by: Literal["song-dalle"] = "song-dalle"


class Models(BaseModel):
    """What all stages run; and the same as OpenAI's clients list it."""

    models: list[Model]
    object: Literal["list"] = "list"
    data: list[ListedModel]
    refused: Refused
