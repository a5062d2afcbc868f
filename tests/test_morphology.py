from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from songdalle_core.morphology import analyse, analyse_many


def test_lemmas_and_places() -> None:
    text = "풍선을 타고 날아가는 예쁜 꿈"
    morphemes = analyse(text)
    lemmas = [m.lemma for m in morphemes]
    assert "풍선" in lemmas
    assert "날아가다" in lemmas
    assert "예쁘다" in lemmas
    first = morphemes[0]
    assert text[first.start : first.end] == first.form == "풍선"
    assert first.tag == "NNG"


def test_empty_text_has_no_morphemes() -> None:
    assert analyse("") == []
    assert analyse_many([]) == []


def test_batches_equal_singles_from_many_threads() -> None:
    texts = ["눈이 내리는 거리", "밤하늘의 별", "love 노래", ""] * 5
    expected = [analyse(text) for text in texts]
    assert analyse_many(texts) == expected
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(analyse, texts)) == expected
