"""OpenAI's own Python client against the running application."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Iterator

import httpx2
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from PIL import Image

from songdalle_core.provenance import NOTICE, read_metadata

PROMPT = "a painting of a red balloon over the sea"
KOREAN = "풍선을 타고 날아가는 예쁜 꿈을 꾸었지\n파란 하늘 위로 높이 높이"


@pytest.fixture(scope="module")
def official(address: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{address}/v1", api_key="any", timeout=180) as official:
        yield official


def opened(b64: str | None) -> Image.Image:
    assert b64
    return Image.open(io.BytesIO(base64.b64decode(b64)))


def test_a_prompt_becomes_a_picture_at_an_address(official: OpenAI, client: httpx2.Client) -> None:
    answer = official.images.generate(prompt=PROMPT, model="dall-e-3", extra_body={"seed": 5})
    assert answer.data is not None
    assert answer.data[0].revised_prompt == PROMPT
    png = client.get(str(answer.data[0].url)).content
    metadata = read_metadata(png)
    assert (metadata["prompt"], metadata["seed"], metadata["notice"]) == (PROMPT, "5", NOTICE)


def test_lyrics_become_a_prompt_first(official: OpenAI) -> None:
    answer = official.images.generate(
        prompt=KOREAN, n=2, size="512x512", response_format="b64_json"
    )
    assert answer.data is not None
    assert len(answer.data) == 2
    for image in answer.data:
        assert str(image.revised_prompt).startswith("a painting of ")
        assert str(image.revised_prompt).isascii()
        assert opened(image.b64_json).size == (512, 512)


def test_a_stream_shows_the_picture_growing(official: OpenAI) -> None:
    for _ in range(5):  # a machine that is busy with other things leaves out what nobody waits for
        events = list(
            official.images.generate(prompt=PROMPT, size="256x256", stream=True, partial_images=3)
        )
        assert events[-1].type == "image_generation.completed"
        partial = [event for event in events if event.type == "image_generation.partial_image"]
        assert len(partial) <= 3
        if partial:
            break
    assert partial
    assert [event.partial_image_index for event in partial] == list(range(len(partial)))
    assert opened(events[-1].b64_json).size == (256, 256)


def test_the_asynchronous_client(address: str) -> None:
    async def ask() -> list[str]:
        async with AsyncOpenAI(base_url=f"{address}/v1", api_key="any", timeout=180) as official:
            stream = await official.images.generate(prompt=PROMPT, stream=True)
            return [event.type async for event in stream]

    assert asyncio.run(ask()) == ["image_generation.completed"]


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("a nude woman on a beach", "content_policy_violation"),
        ("日本語の歌", "nothing_to_draw"),
        ("", "invalid_value"),
    ],
)
def test_errors_are_the_clients_own(official: OpenAI, prompt: str, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        official.images.generate(prompt=prompt)
    assert (raised.value.code, raised.value.param) == (code, "prompt")
    assert raised.value.request_id


def test_the_model_is_listed(official: OpenAI, client: httpx2.Client) -> None:
    (model,) = official.models.list().data
    stages = {entry["stage"]: entry["model"] for entry in client.get("/v1/models").json()["models"]}
    assert model.id == stages["generator"]
