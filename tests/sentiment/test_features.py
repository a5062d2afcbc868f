"""The three views of a lyric that the mood classifier reads."""

from __future__ import annotations

from songdalle_core.morphology import analyse
from songdalle_core.sentiment.features import (
    character_ngrams,
    extract_many,
    morpheme_terms,
    normalise,
    word_terms,
)


def test_normalise_joins_lines_like_the_cleaner() -> None:
    assert normalise("I’m here\n\n  나 여기.\nOK..") == "i'm here. 나 여기. ok."
    assert normalise("ＡＢＣ") == "abc"
    assert normalise(" \n ") == ""


def test_character_ngrams_mark_word_edges_and_stay_within_words() -> None:
    assert character_ngrams("가 나다") == {
        "가": 1, " 가": 1, "가 ": 1, " 가 ": 1,
        "나": 1, "다": 1, " 나": 1, "나다": 1, "다 ": 1, " 나다": 1, "나다 ": 1, " 나다 ": 1,
    }  # fmt: skip
    assert max(map(len, character_ngrams("반짝반짝빛나는"))) == 4


def test_punctuation_and_digits_carry_no_mood() -> None:
    assert not character_ngrams("... ?! ~ 123 _")
    assert character_ngrams("7번방") == character_ngrams("번방")
    assert not morpheme_terms(analyse("... ?!"))


def test_morphemes_are_lemmas_with_short_tags() -> None:
    terms = morpheme_terms(analyse("슬퍼서 울었다 love 123"))
    assert terms["슬프다/VA"] == terms["울다/VV"] == terms["love/SL"] == 1
    assert not any("123" in term for term in terms)


def test_words_leave_grammar_out_and_read_english_whole() -> None:
    text = "눈물이 흘러 don't cry cry"
    terms = word_terms(text, analyse(text))
    assert terms["눈물/NNG"] == 1
    assert terms["don't/SL"] == 1
    assert terms["cry/SL"] == 2
    assert not any(term.endswith(("/JKS", "/EC", "/EF")) for term in terms)


def test_extract_many_keeps_the_order() -> None:
    texts = ["나는 바다로 갔다", "", "눈물이 흘러"]
    first, empty, last = extract_many(texts)
    assert "바다/NNG" in first.words
    assert empty.size == 0
    assert not empty.characters
    assert not empty.words
    assert "눈물/NNG" in last.words
