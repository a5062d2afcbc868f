from __future__ import annotations

from pathlib import Path

import pytest

from scripts.training.finetuning.songs import SummarisedSong, hold_out, read_moods, read_summaries

ROOT = Path(__file__).resolve().parents[4]


def test_moods_of_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "moods.csv"
    path.write_text('\ufefflyric,mood,song\n"비가\n온다",Sadness,one\n춤춘다,Joyful,\n')
    first, second = read_moods(path)
    assert (first.text, first.mood, first.song) == ("비가\n온다", "Sadness", "one")
    assert second.song != first.song


def test_the_projects_passages_are_read() -> None:
    assert len(read_moods(ROOT / "scripts/data/mood_passages.jsonl")) > 2000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lyric,mood\n바다,Happy\n", "line 2: mood is 'Happy': use one of Sadness"),
        ('lyric,mood\n"비가\n온다",Joyful\n바다,Happy\n', "line 4: mood is 'Happy'"),
        ("lyric,mood\n\n,,\n바다,Happy\n", "line 4: mood is 'Happy'"),
        ("lyric,mood\n,Joyful\n", "line 2: there must be a 'lyric'"),
        ("lyric,mood\n바다\n", "line 2: there must be a 'mood'"),
        ("text,mood\n바다,Joyful\n", "line 1: there must be a column 'lyric'; .*'text', 'mood'"),
        ("lyric,mood\n바다, 저 바다,Joyful\n", "line 2: there are 3 values for 2 columns"),
        ("lyric;mood\n바다;Joyful\n", r"parted by semicolons \(;\): save the file with commas"),
        ('"lyric";"mood"\n"바다";"Joyful"\n', "parted by semicolons"),
        ("mood\tlyric\r\nJoyful\t바다\r\n", "parted by tabs: save the file with commas"),
        ("", "is empty"),
        ("lyric,mood\n\n", "holds no song"),
    ],
)
def test_malformed_moods(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "moods.csv"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ValueError, match=message) as caught:
        read_moods(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    "rest",
    [
        '"비가 온다,Sadness\n춤춘다,Joyful\n',
        '"비가 온다,Sadness\n"춤춘다",Joyful\n',
        '"비가 "온다"",Sadness\n',
        '"비가 온다,Sadness\n' + 20_000 * "춤춘다,Joyful\n",
    ],
)
def test_an_unclosed_quotation_mark_is_told_by_its_line(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "moods.csv"
    path.write_text(f'lyric,mood\n\n"바다\n밤",Joyful\n{rest}', encoding="utf-8")
    with pytest.raises(ValueError, match="line 5: a quotation mark") as caught:
        read_moods(path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["songs.csv", "songs.jsonl", "songs.tsv"])
@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("cp949", "probably CP949: save it as UTF-8, such as by `iconv -f CP949 -t UTF-8`"),
        ("utf-16", "is UTF-16: save it as UTF-8, such as by `iconv -f UTF-16 -t UTF-8`"),
        ("utf-16le", "maybe UTF-16: save it as UTF-8, such as by `iconv -f UTF-16LE"),
        ("utf-32", "is UTF-32: save it as UTF-8"),
    ],
)
def test_another_encoding_is_named_with_its_remedy(
    tmp_path: Path, name: str, encoding: str, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes('{"lyric": "바다 위"}\n'.encode(encoding))
    for read in (read_summaries, read_moods):
        with pytest.raises(ValueError, match=message) as caught:
            read(path)
        assert str(caught.value).startswith(str(path))


def test_lines_of_json_end_at_line_feeds_alone(tmp_path: Path) -> None:
    path = tmp_path / "songs.jsonl"
    first = '{"lines": ["바다\u2028위", "밤\x85", "등불"], "summary": "바다\u2029위"}'
    path.write_text(f"\ufeff{first}\r\n\n  \n\ufeff{first}\r\n", encoding="utf-8", newline="")
    one, two = read_summaries(path)
    assert one == two == SummarisedSong(("바다\u2028위", "밤", "등불"), "바다 위")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"lyric": "바다\n')
    with pytest.raises(ValueError, match=r"line 5: Unterminated string .*column 11") as caught:
        read_summaries(path)
    assert "line 1" not in str(caught.value)


def test_marks_and_blank_rows_mean_nothing(tmp_path: Path) -> None:
    path = tmp_path / "moods.CSV"
    path.write_text(
        '\ufeff\ufeff"lyric", mood ,song\r\n\r\n"\ufeff바다", Joyful,\r\n , ,\r\n\ufeff밤,Calmness,one,,\r\n',
        encoding="utf-8",
        newline="",
    )
    assert [(p.text, p.mood) for p in read_moods(path)] == [("바다", "Joyful"), ("밤", "Calmness")]
    lines = tmp_path / "moods.jsonl"
    row = '{"song": "a", "mood": "Joyful", "language": "ko", "text": "봄\u2028밤"}\n'
    lines.write_text(f"\ufeff{row}\n\ufeff{row}", encoding="utf-8")
    assert [passage.text for passage in read_moods(lines)] == 2 * ["봄\u2028밤"]


def test_summaries_of_csv_and_json_lines(tmp_path: Path) -> None:
    csv, jsonl = tmp_path / "songs.csv", tmp_path / "songs.jsonl"
    csv.write_text('lyric,summary\n"바다 위\n파란 풍선","파란\n풍선"\n밤,\n')
    jsonl.write_text(
        '{"lyric": "바다 위\\n파란 풍선", "summary": "파란 풍선"}\n{"lines": ["밤", " "]}\n'
    )
    expected = [
        SummarisedSong(("바다 위", "파란 풍선"), "파란 풍선"),
        SummarisedSong(("밤",), None),
    ]
    assert read_summaries(csv) == read_summaries(jsonl) == expected


def test_the_projects_songs_are_read() -> None:
    songs = read_summaries(ROOT / "scripts/data/development_songs.jsonl")
    assert len(songs) > 30
    assert all(song.summary for song in songs)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1"),
        ("[]", "line 1: give one JSON object"),
        ("\n\n3", "line 3: give one JSON object"),
        ("", "holds no song"),
        ('{"summary": "x"}', "there must be a 'lyric'"),
        ('{"lines": "x"}', "lines must be a list"),
        ('{"lines": [" "]}', "the lyric is empty"),
        ('{"lyric": "x", "summary": 3}', "summary must be a text"),
    ],
)
def test_malformed_summaries(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "songs.jsonl").write_text(line + "\n")
    with pytest.raises(ValueError, match=message):
        read_summaries(tmp_path / "songs.jsonl")


def test_no_song_is_in_both_parts() -> None:
    items = [(f"song-{n // 3}", n) for n in range(60)]
    known, unseen = hold_out(items, 0.2, seed=1, song=lambda item: item[0])
    assert len(unseen) == 12
    assert sorted(known + unseen) == sorted(items)
    assert not {name for name, _ in known} & {name for name, _ in unseen}
    assert (known, unseen) == hold_out(items, 0.2, seed=1, song=lambda item: item[0])
    assert unseen != hold_out(items, 0.2, seed=2, song=lambda item: item[0])[1]
    assert [len(part) for part in hold_out([1, 2], 0.01, seed=0)] == [1, 1]
    with pytest.raises(ValueError, match="cannot be parted"):
        hold_out([1], 0.5, seed=0)
