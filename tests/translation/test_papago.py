"""The Papago client against a local service that speaks the documented protocol."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from songdalle_core.translation.breaker import CircuitBreaker, CircuitOpen
from songdalle_core.translation.papago import (
    MAX_CHARS,
    Keys,
    PapagoError,
    PapagoLimits,
    PapagoTranslator,
    split_text,
)
from songdalle_core.translation.translator import Translation
from tests.translation.papago_server import (
    KEY,
    KEY_ID,
    Papago,
    Reply,
    gateway_error,
    own_error,
    serve,
    translation,
)

LINE = "풍선을 타고 날아가는 예쁜 꿈"
QUICK = PapagoLimits(timeout_s=5.0, deadline_s=10.0, attempts=3, backoff_s=0.01, connections=4)


@pytest.fixture
def papago() -> Papago:
    return Papago()


@pytest.fixture
def url(papago: Papago) -> Iterator[str]:
    with serve(papago) as address:
        yield address


@pytest.fixture
def translator(url: str) -> PapagoTranslator:
    return PapagoTranslator(Keys(KEY_ID, KEY), QUICK, CircuitBreaker(100), url)


def test_translates_korean_and_leaves_english_at_home(
    translator: PapagoTranslator, papago: Papago
) -> None:
    english = "A balloon over the sea"
    assert translator.translate_many([LINE, english]) == [
        Translation("5 words."),
        Translation(english, passthrough=True),
    ]
    assert papago.texts == [LINE]


def test_a_batch_is_sent_side_by_side_and_comes_back_in_order(
    translator: PapagoTranslator, papago: Papago
) -> None:
    papago.delay = 0.1
    lines = [" ".join(["꿈"] * n) for n in (3, 1, 2, 4)]
    made = translator.translate_many(lines)
    assert [t.text for t in made] == ["3 words.", "1 words.", "2 words.", "4 words."]
    assert 1 < papago.most_at_once <= QUICK.connections


def test_long_texts_are_sent_in_pieces_that_end_with_sentences(
    translator: PapagoTranslator, papago: Papago
) -> None:
    sentence = f"{LINE}. "
    text = (sentence * (2 * MAX_CHARS // len(sentence) + 1)).strip()
    (made,) = translator.translate_many([text])
    assert len(papago.texts) == 3
    assert all(len(piece) <= MAX_CHARS and piece.endswith(".") for piece in papago.texts)
    assert " ".join(papago.texts) == text
    assert made.text == " ".join(f"{len(piece.split())} words." for piece in papago.texts)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("꿈", ["꿈"]),
        ("꿈이다. 별이다. 달", ["꿈이다.", "별이다. 달"]),
        ("꿈이다! 별이 뜬다", ["꿈이다!", "별이 뜬다"]),
        ("가나 다라마 바사아", ["가나 다라마", "바사아"]),
        ("가나다라마바사아자차", ["가나다라마바사", "아자차"]),
        ("가나다라마바사 아", ["가나다라마바사", "아"]),
        ("첫 줄\n둘째 줄\n끝", ["첫 줄", "둘째 줄\n끝"]),
    ],
)
def test_cuts_between_sentences_else_words_else_anywhere(text: str, pieces: list[str]) -> None:
    assert split_text(text, 7) == pieces


@pytest.mark.parametrize(
    "trouble",
    [
        gateway_error(429, "400", "Quota Exceeded"),
        own_error(500, "N2MT99", "Internal server error"),
        gateway_error(503, "500", "Service Unavailable"),
        Reply(200, b'{"message": {"result"'),
        Reply(200, b"<html>not Papago</html>"),
        Reply(200, {"message": "nothing of the documented kind"}),
        Reply(200, json.dumps({"message": {"result": {"translatedText": "x"}}}).encode(), cut=9),
    ],
    ids=["429", "500", "503", "half", "html", "shape", "cut"],
)
def test_tries_again_what_may_succeed(
    trouble: Reply, translator: PapagoTranslator, papago: Papago
) -> None:
    papago.script = [trouble, trouble]
    assert translator.translate_many([LINE]) == [Translation("5 words.")]
    assert papago.texts == [LINE] * 3


@pytest.mark.parametrize(
    "slow",
    [
        Reply(200, translation("late").body, wait=2.0),
        Reply(200, translation("drop by drop").body, drops=1, pause=0.1),
    ],
    ids=["late", "drops"],
)
def test_tries_again_after_the_time_out_of_an_attempt(
    slow: Reply, url: str, papago: Papago
) -> None:
    limits = replace(QUICK, timeout_s=0.8)
    papago.script = [slow]
    translator = PapagoTranslator(Keys(KEY_ID, KEY), limits, url=url)
    assert translator.translate_many([LINE]) == [Translation("5 words.")]
    assert papago.texts == [LINE] * 2


def test_gives_up_after_the_last_attempt(translator: PapagoTranslator, papago: Papago) -> None:
    papago.script = [own_error(500, "N2MT99", "Internal server error")] * 4
    with pytest.raises(PapagoError, match="answered 500, N2MT99: Internal server error"):
        translator.translate_many([LINE])
    assert len(papago.texts) == 3


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (own_error(400, "N2MT06", "Unsupported translation"), "400, N2MT06: Unsupported"),
        (gateway_error(403, "210", "Permission Denied"), "403, 210: .*; check NCP_APIGW"),
        (Reply(400, b"Bad Request <secret>"), "answered 400$"),
        (Reply(400, b'["neither shape"]'), "answered 400$"),
        (translation("  "), "no translation"),
        (Reply(200, b" " * 1_000_001), "larger than 1000000 bytes"),
    ],
    ids=["own", "gateway", "text", "list", "empty", "large"],
)
def test_does_not_insist_on_what_cannot_succeed(
    trouble: Reply, message: str, translator: PapagoTranslator, papago: Papago
) -> None:
    papago.script = [trouble]
    with pytest.raises(PapagoError, match=message):
        translator.translate_many([LINE])
    assert len(papago.texts) == 1


def test_wrong_keys_are_named_in_the_error(url: str) -> None:
    translator = PapagoTranslator(Keys(KEY_ID, "another"), QUICK, url=url)
    with pytest.raises(PapagoError, match="401, 200: Authentication Failed; check NCP_APIGW"):
        translator.translate_many([LINE])


def test_waits_as_long_as_papago_asks(url: str, papago: Papago) -> None:
    pauses: list[float] = []
    translator = PapagoTranslator(Keys(KEY_ID, KEY), QUICK, url=url, sleep=pauses.append)
    quota = "400", "Quota Exceeded"
    papago.script = [gateway_error(429, *quota, retry_after="2"), gateway_error(429, *quota)]
    assert translator.translate_many([LINE]) == [Translation("5 words.")]
    assert pauses[0] == 2
    assert 0.02 <= pauses[1] <= 0.03
    papago.script = [gateway_error(429, *quota, retry_after="60")]
    with pytest.raises(PapagoError, match=r"429, 400: Quota.*not ticked Papago Translation"):
        translator.translate_many([LINE])
    assert len(pauses) == 2, "it does not sleep past the deadline"


def test_a_text_has_a_deadline_whatever_the_service_does(url: str, papago: Papago) -> None:
    limits = PapagoLimits(timeout_s=5, deadline_s=0.3, attempts=100, connections=1)
    translator = PapagoTranslator(Keys(KEY_ID, KEY), limits, url=url)
    papago.delay = 2.0
    started = time.monotonic()
    outcomes = translator.attempt_many([LINE, LINE, LINE])
    assert time.monotonic() - started < 2.0
    assert [type(outcome) for outcome in outcomes] == [PapagoError] * 3


def test_nobody_there(papago: Papago) -> None:
    with serve(papago) as gone:
        pass
    translator = PapagoTranslator(Keys(KEY_ID, KEY), QUICK, url=gone)
    with pytest.raises(PapagoError, match="no answer: ConnectError"):
        translator.translate_many([LINE])


def test_one_text_of_a_batch_fails_alone(translator: PapagoTranslator, papago: Papago) -> None:
    papago.script = [own_error(400, "N2MT06", "Unsupported translation")]
    outcomes = translator.attempt_many([LINE, LINE])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PapagoError", "Translation"]


def test_a_failing_service_is_left_in_peace(url: str, papago: Papago) -> None:
    breaker = CircuitBreaker(failures=2, rest_s=60)
    translator = PapagoTranslator(Keys(KEY_ID, KEY), QUICK, breaker, url)
    papago.script = [own_error(400, "N2MT06", "Unsupported translation")] * 2
    for _ in range(2):
        assert isinstance(translator.attempt_many([LINE])[0], PapagoError)
    (refused,) = translator.attempt_many([LINE])
    assert isinstance(refused, CircuitOpen)
    assert len(papago.texts) == 2


def test_keys_come_from_the_environment_and_are_not_shown() -> None:
    keys = Keys.from_environment({"NCP_APIGW_API_KEY_ID": "me", "NCP_APIGW_API_KEY": "secret"})
    assert keys == Keys("me", "secret")
    assert "secret" not in repr(keys)
    with pytest.raises(ValueError, match="set NCP_APIGW_API_KEY in the environment"):
        Keys.from_environment({"NCP_APIGW_API_KEY_ID": "me", "NCP_APIGW_API_KEY": " "})


def test_limits_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        PapagoLimits(attempts=0)
