from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from songdalle_core.policy import check_prompt
from songdalle_core.policy.words import RULES

ROOT = Path(__file__).resolve().parents[2]
SEXUAL, MINORS, GORE = "nudity or sexual content", "sexual content with minors", "gore"
HATE, SELF_HARM = "hateful symbols", "self-harm"


def subjects(text: str) -> list[str]:
    return [finding.subject for finding in check_prompt(text)]


@pytest.mark.parametrize(
    ("subject", "prompt"),
    [
        (SEXUAL, "a painting of a nude woman on the sofa. a mood of calmness"),
        (SEXUAL, "Two NAKED dancers under the moon"),
        (SEXUAL, "i stand naked before you"),
        (SEXUAL, "a topless man at the sea"),
        (SEXUAL, "a woman undressing by the window"),
        (SEXUAL, "an erotic poster"),
        (SEXUAL, "pornographic drawing"),
        (SEXUAL, "a lady with bare breasts"),
        (SEXUAL, "a dancer without any clothes"),
        (SEXUAL, "she takes off her clothes in the rain"),
        (SEXUAL, "she is taking her clothes off"),
        (SEXUAL, "lovers having sex in a car"),
        (SEXUAL, "the naked king. a naked tree"),
        (SEXUAL, "nude in pink light"),
        (SEXUAL, "a deepfake of a singer"),
        (MINORS, "a painting of a sexy schoolgirl"),
        (MINORS, "seductive teenagers in lingerie"),
        (MINORS, "a lustful gaze upon a little girl"),
        (MINORS, "a 15 year old girl in lingerie"),
        (MINORS, "a 9-year-old, sensual portrait"),
        (MINORS, "sensual 17yo dancer"),
        (MINORS, "a child's body, erotic"),
        (MINORS, "high school girls in panties"),
        (MINORS, "lolicon art"),
        (GORE, "a gory battlefield"),
        (GORE, "a knight decapitating a king"),
        (GORE, "a beheaded statue bleeding"),
        (GORE, "severed heads on a wall"),
        (GORE, "a torn arm on the ground"),
        (GORE, "a girl covered in blood"),
        (GORE, "a pool of blood on the kitchen floor"),
        (GORE, "a bleeding corpse"),
        (GORE, "corpses in the street, everything bloody"),
        (GORE, "guts spilling out of a body, spilled guts"),
        (GORE, "he slit his throat"),
        (HATE, "a swastika on a red flag"),
        (HATE, "nazi soldiers marching"),
        (HATE, "a portrait of Adolf Hitler"),
        (HATE, "the rising sun flag over the sea"),
        (HATE, "a burning cross on the hill"),
        (HATE, "white supremacist rally"),
        (HATE, "ku klux klan at night"),
        (SELF_HARM, "a girl cutting her wrists"),
        (SELF_HARM, "he hanged himself in the barn"),
        (SELF_HARM, "self-harm scars"),
        (SELF_HARM, "suicidal clown"),
    ],
)
def test_what_is_not_drawn(subject: str, prompt: str) -> None:
    assert subject in subjects(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        # nudity
        "visible to the naked eye",
        "the naked truth and a naked flame",
        "naked branches of a winter tree",
        "my naked heart in your hands",
        "walking on naked feet over the snow",
        "nude pink lipstick and nude heels",
        "a topless bus through the city",
        "a field of yellow rape flowers on jeju",
        "great tits on a snowy branch",
        "no clothes on the line, only the wind",
        "a robin red breast",
        "a bare tree on a bare hill",
        "bare hands holding a bare bulb",
        "Sussex and Essex by the sea",
        "a sexy dance in a red dress",
        "the grapes of a sunny hill",
        "drapes, therapeutic light",
        "a peacock and a cocktail",
        "a grand sextet plays Dickens",
        "nudge the canoe, nudibranch in the deep",
        "a kiss in bed by candle light",
        "the erosion of time",
        # minors
        "a child with a balloon",
        "a little girl picking flowers, sensation of spring",
        "teenagers on bicycles in summer",
        "kid gloves, a sexy saxophone",
        "my inner child, a sensual tango",
        "a baby, sexy and free",
        "a 30 year old whisky, a sensual night",
        "a sexy song in a minor key",
        "children under naked trees",
        # gore
        "tears of blood on a rose",
        "my bleeding heart",
        "a blood red moon, blood orange",
        "my heart is torn and wounded",
        "a knife in my heart",
        "the corpse of a dead star",
        "dead leaves on a grave",
        "a skull and a red rose",
        "a severed string of a guitar, severed ties",
        "Gore-Tex jacket in the rain",
        "a gorge, a gorgeous gorilla",
        "the exploding sun, exploding stars",
        "a burning body of water",
        "a torn letter, a torn handkerchief",
        "chopped onions and cut fruit",
        "flesh and bone, kill the lights",
        "killing time with you, i would die for you",
        "bleeding ink on a paper",
        # hate
        "the rising sun over the flag of korea",
        "a cross on a church, a burning heart",
        "white power lines in the sky",
        "a pride of white lions",
        "a temple with an old lantern",
        "skin as white as snow",
        "a kiss kiss kiss by the khan",
        "hail a taxi",
        "hit her with a snowball, hit love",
        # self-harm
        "cut my hair, cut the rope",
        "hanging lanterns, hang on to me",
        "kill the darkness in my self",
        "my wrist watch and a bracelet",
        "a suicide squad poster",
        # others
        "",
        "...",
        "풍선을 타고 날아가는 예쁜 꿈",
        "a b c d e f g",
        "1 2 3 go 2024 24/7",
    ],
)
def test_what_only_looks_so(prompt: str) -> None:
    assert check_prompt(prompt) == ()


@pytest.mark.parametrize(
    "prompt",
    [
        "n u d e woman",
        "n.u.d.e woman",
        "n-a-k-e-d people",
        "nud3 woman",
        "n4ked woman",
        "NÜDE woman",
        "n\u200bude woman",
        "ｎｕｄｅ woman",
        "nu\u00adde woman",
        "nudе woman",  # a Cyrillic letter at the end
        "nude, woman",
        "the nude's back",
        "“nude”",
        "a_nude_woman",
        "porn0 st@r",
    ],
)
def test_disguises_do_not_help(prompt: str) -> None:
    assert subjects(prompt) == [SEXUAL]


def test_a_finding_tells_the_words() -> None:
    (finding,) = check_prompt("a painting of severed heads, and nothing else")
    assert (finding.subject, finding.words) == (GORE, "severed heads")
    both = check_prompt("a sexy schoolgirl")
    assert [(f.subject, f.words) for f in both] == [(MINORS, "schoolgirl, sexy")]


def test_several_subjects_are_all_reported() -> None:
    assert subjects("a nude child with a swastika, beheaded") == [MINORS, SEXUAL, GORE, HATE]


def test_ages_below_eighteen_only() -> None:
    assert subjects("a sensual dancer, 17 years old") == [MINORS]
    assert subjects("a sensual dancer, 18 years old") == []


def test_every_phrase_of_the_lists_is_found() -> None:
    """No phrase is spelt in a way the reading of a prompt can never give."""
    for rule in RULES:
        for phrase in filter(str.strip, rule.asks.split(",")):
            places = [place.split("/") for place in phrase.replace("*", "").split()]
            for k in range(max(map(len, places))):
                wording = " ".join(words[min(k, len(words) - 1)] for words in places)
                assert rule.name in subjects(f"the {wording} there"), wording


def test_the_projects_own_words_are_drawn() -> None:
    """Neither the lexicon's English nor our own lyrics may be refused."""
    lexicon = (ROOT / "songdalle_core/translation/lexicon.tsv").read_text(encoding="utf-8")
    texts = [row.split("\t")[2] for row in lexicon.splitlines() if row.count("\t") >= 2]
    for name in ("scripts/data/mood_passages.jsonl", "scripts/data/development_songs.jsonl"):
        rows = (ROOT / name).read_text(encoding="utf-8").splitlines()
        texts += [str(value) for row in rows for value in json.loads(row).values()]
    assert len(texts) > 8000
    refused = {text: named for text in texts if (named := subjects(text))}
    assert refused == {}


@pytest.mark.parametrize("filler", ["a", "n ", "a b", "1!", "' ", "5 ", "the sea. "])
def test_the_end_of_a_long_prompt_is_read(filler: str) -> None:
    assert subjects(f"{filler * (20_000 // len(filler))} , swastika") == [HATE]


def test_lists_have_nothing_twice() -> None:
    for rule in RULES:
        entries = [" ".join(part.split()) for part in re.split(",", rule.asks) if part.strip()]
        assert len(entries) == len(set(entries))
