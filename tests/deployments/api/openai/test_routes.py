"""OpenAI's own client against the routes, over stages that answer at once.

The client speaks to the application in this process; tests/serve has the same over HTTP.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import unicodedata
from typing import Any

import httpx2
import jsonschema
import openai
import pytest
from openai import OpenAI
from PIL import Image
from starlette.testclient import TestClient

from deployments.api.openai.schemas import ImageRequest
from deployments.api.service import Service
from deployments.config.user_config import AccessKey, AccessTunables
from deployments.contract.errors import Overloaded, StageUnavailable
from songdalle_core.provenance import NOTICE, read_metadata
from tests.deployments.pipeline.test_policy import withhold

PROMPT = "A painting of a red balloon over the sea"
PATH = "/v1/images/generations"


@pytest.fixture
def server(client: TestClient) -> TestClient:
    return client


@pytest.fixture
def official(server: TestClient) -> OpenAI:
    """The official client; what it sends goes to the application instead of a socket."""

    def pass_on(request: httpx2.Request) -> httpx2.Response:
        answer = server.request(
            request.method,
            request.url.raw_path.decode(),
            content=request.content,
            headers={
                name: request.headers[name]
                for name in ("authorization", "content-type")
                if name in request.headers
            },
        )
        return httpx2.Response(
            answer.status_code, headers=dict(answer.headers), content=answer.content
        )

    transport = httpx2.Client(transport=httpx2.MockTransport(pass_on))
    return OpenAI(
        base_url="http://testserver/v1", api_key="any", http_client=transport, max_retries=0
    )


def picture(b64: str | None) -> Image.Image:
    assert b64
    return Image.open(io.BytesIO(base64.b64decode(b64)))


def test_a_plain_prompt_is_drawn_as_it_is(official: OpenAI, server: TestClient) -> None:
    answer = official.images.generate(prompt=PROMPT, model="dall-e-3")
    assert answer.data is not None
    (image,) = answer.data
    assert image.revised_prompt == PROMPT
    assert image.b64_json is None
    assert image.url is not None
    assert image.url.startswith("http://testserver/v1/images/")
    png = server.get(image.url).content
    assert read_metadata(png)["prompt"] == PROMPT
    assert read_metadata(png)["notice"] == NOTICE
    assert answer.size == "64x64"
    assert answer.output_format == "png"
    assert answer.created > 1_700_000_000


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("풍선을 타고 balloon", "a painting of 풍선을 타고 balloon. a mood of joyful"),
        ("A balloon\nover the sea", "a painting of a balloon. a mood of joyful"),
        ("word " * 100, "a painting of word. a mood of joyful"),
    ],
)
def test_lyrics_take_the_whole_way(official: OpenAI, text: str, drawn: str) -> None:
    answer = official.images.generate(prompt=text)
    assert answer.data is not None
    assert answer.data[0].revised_prompt == drawn


def test_base64(official: OpenAI) -> None:
    answer = official.images.generate(prompt=PROMPT, n=3, response_format="b64_json")
    assert answer.data is not None
    assert len(answer.data) == 3
    assert all(image.url is None for image in answer.data)
    assert {picture(image.b64_json).size for image in answer.data} == {(64, 64)}


@pytest.mark.parametrize("side", [256, 512, 1024])
def test_sizes(official: OpenAI, server: TestClient, side: int) -> None:
    size: Any = f"{side}x{side}"
    inline = official.images.generate(
        prompt=PROMPT, size=size, response_format="b64_json", extra_body={"seed": 3}
    )
    linked = official.images.generate(prompt=PROMPT, size=size, extra_body={"seed": 3})
    assert inline.data is not None
    assert linked.data is not None
    assert inline.size == linked.size == size
    assert picture(inline.data[0].b64_json).size == (side, side)
    assert linked.data[0].url is not None
    fetched = server.get(linked.data[0].url)
    assert fetched.headers["content-type"] == "image/png"
    assert "immutable" in fetched.headers["cache-control"]
    assert fetched.content == base64.b64decode(inline.data[0].b64_json or "")


def test_auto_is_as_stored(official: OpenAI, server: TestClient) -> None:
    answer = official.images.generate(prompt=PROMPT, size="auto")
    assert answer.data is not None
    assert answer.size == "64x64"
    assert "?" not in str(answer.data[0].url)


def test_a_seed_names_the_picture(official: OpenAI) -> None:
    def drawn(seed: int) -> Any:
        answer = official.images.generate(
            prompt=PROMPT, response_format="b64_json", extra_body={"seed": seed}
        )
        return answer.data and answer.data[0].b64_json

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_the_best_of_several_candidates(official: OpenAI, server: TestClient) -> None:
    asked: dict[str, Any] = {"seed": 7, "candidates": 6}
    answer = official.images.generate(prompt=PROMPT, n=2, extra_body=asked)
    assert answer.data is not None
    assert len(answer.data) == 2
    order = {"lyrics": PROMPT, "prompt": PROMPT, "seed": 7, "candidates": 6}
    best = server.post("/v1/covers", json=order).json()["covers"][0]
    assert server.get(str(answer.data[0].url)).content == server.get(best["url"]).content


@pytest.mark.parametrize("kind", [None, "png", "jpeg", "webp"])
def test_a_stream(official: OpenAI, kind: Any) -> None:
    asked: dict[str, Any] = {"output_format": kind, "output_compression": 60, "quality": "high"}
    events = list(official.images.generate(prompt=PROMPT, stream=True, partial_images=2, **asked))
    kinds = [event.type for event in events]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    for index, event in enumerate(events[:2]):
        assert event.type == "image_generation.partial_image"
        assert event.partial_image_index == index
    for event in events:
        opened = picture(event.b64_json)
        assert event.output_format == (kind or "png")
        assert opened.format == event.output_format.upper()
        assert b"trainedAlgorithmicMedia" in base64.b64decode(event.b64_json)
        assert event.size == f"{opened.width}x{opened.height}"
    done = events[-1]
    assert done.type == "image_generation.completed"
    assert done.usage.total_tokens == 0
    assert "quality was left out" in str(done.model_extra)


def test_a_stream_of_several(official: OpenAI) -> None:
    events = list(
        official.images.generate(prompt=PROMPT, n=3, size="256x256", stream=True, partial_images=1)
    )
    completed = [event for event in events if event.type == "image_generation.completed"]
    assert len(completed) == 3
    assert {picture(event.b64_json).size for event in completed} == {(256, 256)}
    partial = [event for event in events if event.type == "image_generation.partial_image"]
    assert 1 <= len(partial) <= 3


@pytest.mark.parametrize("wanted", [None, 0])
def test_a_stream_without_partial_images(official: OpenAI, wanted: int | None) -> None:
    events = list(official.images.generate(prompt=PROMPT, stream=True, partial_images=wanted))
    assert [event.type for event in events] == ["image_generation.completed"]


def test_a_stream_ends_with_what_went_wrong(official: OpenAI) -> None:
    with pytest.raises(openai.APIError, match="not drawn here") as raised:
        list(official.images.generate(prompt="a nude dancer", stream=True))
    assert raised.value.code == "content_policy_violation"
    assert raised.value.param == "prompt"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 11}, "n"),
        ({"n": 0}, "n"),
        ({"size": "2x2"}, "size"),
        ({"size": "63x512"}, "size"),
        ({"size": "512x9000"}, "size"),
        ({"size": "large"}, "size"),
        ({"size": "512"}, "size"),
        ({"size": "١٢٨x١٢٨"}, "size"),
        ({"response_format": "png"}, "response_format"),
        ({"partial_images": 4}, "partial_images"),
        ({"background": "purple"}, "background"),
        ({"output_format": "gif"}, "output_format"),
        ({"output_format": "svg"}, "output_format"),
        ({"output_compression": 101}, "output_compression"),
        ({"output_compression": -1}, "output_compression"),
        ({"quality": "best"}, "quality"),
        ({"moderation": "none"}, "moderation"),
        ({"extra_body": {"seed": -1}}, "seed"),
        ({"extra_body": {"colour": "red"}}, "colour"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "!!!"}, "prompt"),
        ({"prompt": "🎈🎈"}, "prompt"),
        ({"prompt": "some rude words"}, "prompt"),
        ({"prompt": "a swastika on a wall"}, "prompt"),
    ],
)
def test_errors_have_openais_shape(official: OpenAI, fields: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        official.images.generate(**{"prompt": PROMPT, **fields})
    error = raised.value
    assert error.param == param
    assert error.type == "invalid_request_error"
    assert error.status_code == 400
    assert error.code
    assert isinstance(error.body, dict)
    assert set(error.body) == {"message", "type", "param", "code"}
    assert error.body["message"]


def test_too_few_candidates(official: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="at least n"):
        official.images.generate(prompt=PROMPT, n=3, extra_body={"candidates": 2})


def test_a_refusal_says_so(official: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="asks for gore") as raised:
        official.images.generate(prompt="severed heads on a wall")
    assert raised.value.code == "content_policy_violation"


def test_what_is_not_json(server: TestClient) -> None:
    for content, kind, status in (
        (b"{", "application/json", 400),
        (b"x" * 300_000, "application/json", 413),
        (b"prompt=sea", "text/plain", 415),
    ):
        response = server.post(PATH, content=content, headers={"Content-Type": kind})
        assert response.status_code == status
        assert response.headers["content-type"] == "application/json"
        assert set(response.json()["error"]) == {"message", "type", "param", "code"}


def test_a_full_service(official: OpenAI, service: Service) -> None:
    official.images.generate(prompt=PROMPT)
    service.runner.pipeline.calls.stages.generator.target.failures = [Overloaded("full", 7)]
    with pytest.raises(openai.InternalServerError) as raised:
        official.images.generate(prompt=PROMPT)
    assert raised.value.status_code == 503
    assert raised.value.type == "server_error"
    assert raised.value.code == "overloaded"
    assert raised.value.response.headers["retry-after"] == "7"


def test_a_key_that_is_not_known(official: OpenAI, service: Service) -> None:
    digest = hashlib.sha256(b"another").hexdigest()
    service.guard.tunables = AccessTunables(keys=(AccessKey(name="one", sha256=digest),))
    with pytest.raises(openai.AuthenticationError) as raised:
        official.images.generate(prompt=PROMPT)
    assert (raised.value.type, raised.value.code) == ("authentication_error", "invalid_api_key")
    known = official.with_options(api_key="another").images.generate(prompt=PROMPT)
    assert known.data is not None


def test_too_many_requests(official: OpenAI, service: Service) -> None:
    service.guard.tunables = AccessTunables(draws_per_minute=1)
    official.images.generate(prompt=PROMPT)
    with pytest.raises(openai.RateLimitError) as raised:
        official.images.generate(prompt=PROMPT)
    assert (raised.value.type, raised.value.code) == ("rate_limit_error", "rate_limit_exceeded")
    assert int(raised.value.response.headers["retry-after"]) >= 1


def test_an_internal_error_discloses_nothing(official: OpenAI, service: Service) -> None:
    official.images.generate(prompt=PROMPT)
    service.runner.pipeline.calls.stages.generator.target.failures = [KeyError("secret")]
    with pytest.raises(openai.InternalServerError) as raised:
        official.images.generate(prompt=PROMPT)
    assert raised.value.status_code == 500
    assert "secret" not in str(raised.value.body)


def test_a_stage_that_is_down(official: OpenAI, service: Service) -> None:
    official.images.generate(prompt=PROMPT)
    down = StageUnavailable("gone")
    service.runner.pipeline.calls.stages.generator.target.failures = [down] * 3
    with pytest.raises(openai.InternalServerError, match="gone"):
        official.images.generate(prompt=PROMPT)


@pytest.mark.parametrize("path", ["0" * 32 + "/1.png", "x/1.png", "0" * 32 + "/1.png?size=256x256"])
def test_pictures_that_are_not_there(server: TestClient, path: str) -> None:
    response = server.get(f"/v1/images/{path}")
    assert response.status_code == 404
    assert response.json()["error"]["type"] == "not_found_error"


def test_sizes_that_are_not_there(official: OpenAI, server: TestClient) -> None:
    answer = official.images.generate(prompt=PROMPT)
    assert answer.data is not None
    response = server.get(f"{answer.data[0].url}?size=2x2")
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "size"


def test_models_are_listed_in_both_shapes(official: OpenAI, server: TestClient) -> None:
    (model,) = official.models.list().data
    assert (model.id, model.object) == ("fake generator", "model")
    assert model.created > 1_700_000_000
    stages = [entry["stage"] for entry in server.get("/v1/models").json()["models"]]
    assert stages[-2:] == ["generator", "reranker"]


@pytest.mark.parametrize("name", ["no-such-model", "gpt-image-1", "a/b", "fake generator "])
def test_a_model_that_is_not_there(official: OpenAI, name: str) -> None:
    with pytest.raises(openai.NotFoundError, match=name.strip()) as raised:
        official.models.retrieve(name)
    error = raised.value
    assert (error.type, error.code, error.param) == (
        "invalid_request_error", "model_not_found", "model",
    )  # fmt: skip


def test_the_model_by_its_name(official: OpenAI) -> None:
    (listed,) = official.models.list().data
    assert official.models.retrieve(listed.id) == listed


def test_errors_about_a_model_have_openais_shape(official: OpenAI, service: Service) -> None:
    service.runner.pipeline.calls.stages.reranker.target.broken = True
    with pytest.raises(openai.InternalServerError, match="not ready: reranker") as down:
        official.models.retrieve("fake generator")
    assert (down.value.status_code, down.value.code) == (503, "unavailable")
    digest = hashlib.sha256(b"another").hexdigest()
    service.guard.tunables = AccessTunables(keys=(AccessKey(name="one", sha256=digest),))
    with pytest.raises(openai.AuthenticationError) as refused:
        official.models.retrieve("fake generator")
    assert refused.value.code == "invalid_api_key"
    with pytest.raises(openai.APIStatusError) as other:
        official.with_options(api_key="another").models.delete("fake generator")
    assert (other.value.status_code, other.value.type) == (405, "invalid_request_error")


def test_models_whose_clients_decode_base64(official: OpenAI) -> None:
    def drawn(model: str | None, **asked: Any) -> openai.types.Image:
        answer = official.images.generate(prompt=PROMPT, model=model, **asked)
        assert answer.data is not None
        return answer.data[0]

    for model, inline in {
        "gpt-image-1": True,
        "gpt-image-1-mini": True,
        "gpt-image-2.5-flare-2026-09-08": True,
        "chatgpt-image-latest": True,
        "openai/gpt-image-1.5": True,
        " GPT-Image-2": True,
        "dall-e-3": False,
        "my-gpt-image": False,
        "": False,
        None: False,
    }.items():
        image = drawn(model)
        assert (image.b64_json is not None, image.url is not None) == (inline, not inline)
    assert drawn("gpt-image-1", response_format="url").b64_json is None
    assert drawn("dall-e-3", response_format="b64_json").url is None


def test_sample_code_of_gpt_image(official: OpenAI) -> None:
    """As OpenAI's own guides have it: all parameters at once, base64 decoded, usage read."""
    result = official.images.generate(
        model="gpt-image-1",
        prompt=PROMPT,
        n=1,
        size="1024x1536",
        quality="high",
        background="transparent",
        output_format="webp",
        output_compression=50,
        moderation="low",
        user="me",
    )
    assert result.data is not None
    assert picture(result.data[0].b64_json).format == "WEBP"
    assert result.usage is not None
    assert (result.usage.total_tokens, result.usage.input_tokens_details.text_tokens) == (0, 0)
    assert (result.output_format, result.background) == ("webp", "opaque")


def test_other_sizes_are_met_by_the_square_that_fits(official: OpenAI, server: TestClient) -> None:
    sizes: dict[Any, int] = {
        "1024x1536": 1024, "1536x1024": 1024, "1792x1024": 1024, "1536x864": 864, "2048x2048": 1024,
        "3840x2160": 1024, "640x480": 480, "64x4096": 64,
    }  # fmt: skip
    for asked, given in sizes.items():
        answer = official.images.generate(prompt=PROMPT, size=asked)
        assert answer.data is not None
        assert answer.size == f"{given}x{given}"
        assert f"size is {given}x{given}, not {asked}: covers are square" in str(answer.model_extra)
        fetched = server.get(str(answer.data[0].url)).content
        assert Image.open(io.BytesIO(fetched)).size == (given, given)


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
@pytest.mark.parametrize("compression", [None, 0, 50, 100])
def test_formats(official: OpenAI, server: TestClient, kind: Any, compression: int | None) -> None:
    asked: dict[str, Any] = {"output_format": kind, "output_compression": compression}
    asked |= {"prompt": PROMPT, "size": "256x256", "extra_body": {"seed": 3}}
    inline = official.images.generate(**asked, response_format="b64_json")
    linked = official.images.generate(**asked)
    assert inline.data is not None
    assert linked.data is not None
    assert inline.output_format == linked.output_format == kind
    fetched = server.get(str(linked.data[0].url))
    assert fetched.headers["content-type"] == f"image/{kind}"
    assert "immutable" in fetched.headers["cache-control"]
    assert fetched.content == base64.b64decode(inline.data[0].b64_json or "")
    opened = Image.open(io.BytesIO(fetched.content))
    assert (opened.format, opened.size) == (kind.upper(), (256, 256))
    assert b"trainedAlgorithmicMedia" in fetched.content
    assert NOTICE.encode() in fetched.content
    assert ("cannot be read" in str(inline.model_extra)) == (compression == 0)


def test_compression_is_quality(official: OpenAI) -> None:
    def size(compression: int) -> int:
        answer = official.images.generate(
            prompt=PROMPT, output_format="jpeg", output_compression=compression,
            response_format="b64_json", size="512x512", extra_body={"seed": 3},
        )  # fmt: skip
        assert answer.data is not None
        return len(answer.data[0].b64_json or "")

    assert size(20) < size(60) < size(100)


@pytest.mark.parametrize("kind", ["jpeg", "webp", "png"])
def test_addresses_of_pictures_need_no_key(
    official: OpenAI, server: TestClient, service: Service, kind: Any
) -> None:
    answer = official.images.generate(prompt=PROMPT, output_format=kind)
    assert answer.data is not None
    digest = hashlib.sha256(b"another").hexdigest()
    service.guard.tunables = AccessTunables(keys=(AccessKey(name="one", sha256=digest),))
    assert server.get(str(answer.data[0].url)).status_code == 200
    assert server.get(f"/v1/models/x.{kind}").status_code == 401


def test_what_is_done_otherwise_is_said(official: OpenAI) -> None:
    cases: list[tuple[dict[str, Any], str | None]] = [
        ({}, None),
        ({"quality": "auto", "background": "auto", "moderation": "auto"}, None),
        ({"output_compression": 100, "partial_images": 0, "size": "512x512"}, None),
        ({"model": "dall-e-3", "user": "me", "background": "opaque"}, None),
        ({"quality": "hd", "style": "vivid"}, "quality was left out.*style was left out"),
        ({"quality": "xhigh"}, "quality was left out"),
        ({"background": "transparent"}, "background is opaque"),
        ({"moderation": "low"}, "moderation was left out"),
        ({"output_compression": 50}, "PNG loses nothing"),
        ({"output_compression": 5, "output_format": "jpeg"}, "output_compression is 20"),
        ({"partial_images": 2}, "only a stream"),
        ({"complexity": "high"}, "complexity was left out"),
    ]
    for asked, note in cases:
        answer = official.images.generate(prompt=PROMPT, **asked)
        assert answer.data is not None
        assert len(answer.data) == 1
        said = (answer.model_extra or {}).get("note")
        assert said is None if note is None else re.search(note, str(said))


def test_fewer_pictures_are_explained(official: OpenAI, service: Service) -> None:
    withhold(service.runner.pipeline, None, *["gore"] * 99)
    answer = official.images.generate(prompt=PROMPT, n=2)
    assert answer.data is not None
    assert len(answer.data) == 1
    assert (answer.model_extra or {})["note"].startswith("1 of 2 covers")


def test_answers_have_the_documented_shape(server: TestClient) -> None:
    document = server.get("/openapi.json").json()
    for body in ({"prompt": PROMPT}, {"prompt": ""}):
        response = server.post(PATH, json=body)
        documented = document["paths"][PATH]["post"]["responses"][str(response.status_code)]
        schema = documented["content"]["application/json"]["schema"]
        jsonschema.validate(response.json(), schema | {"components": document["components"]})


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        (f"  {PROMPT} ", PROMPT),
        ("a", "a"),
        ("x" * 400, "x" * 400),
        ("x" * 401, None),
        ("ㅋㅋ balloon", None),
        ("a\nb", None),
        ("a balloon\n", "a balloon"),
    ],
)
def test_which_texts_are_prompts(text: str, prompt: str | None) -> None:
    order = ImageRequest(prompt=text).order()
    assert order.prompt == prompt
    assert order.lyrics == text
    assert (order.candidates, order.style) == (1, "painting")


@pytest.mark.parametrize(
    ("text", "lyrics"),
    [
        (unicodedata.normalize("NFD", "파란 나비"), "파란 나비"),
        ("\uffa4\uffc2\uffb2\uffdc", "나비"),
    ],
)
def test_korean_is_korean_in_any_form(text: str, lyrics: str) -> None:
    order = ImageRequest(prompt=text).order()
    assert (order.prompt, order.lyrics) == (None, lyrics)
