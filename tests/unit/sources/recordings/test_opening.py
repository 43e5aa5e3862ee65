import gzip
import os

import pytest

from hostdesk.errors import (
    RecordingEmptyError,
    RecordingError,
    RecordingFolderError,
    RecordingForbiddenError,
    RecordingMissingError,
    RecordingUnknownError,
)
from hostdesk.sources.recordings import open_recording


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(RecordingMissingError) as told:
        open_recording(tmp_path / "没有.xml")
    assert told.value.params == {"path": str(tmp_path / "没有.xml")}


def test_a_folder_is_told(tmp_path):
    with pytest.raises(RecordingFolderError):
        open_recording(tmp_path)


def test_a_file_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    path = tmp_path / "chat.xml"
    path.write_text("<i/>")

    def refuse(*_args):
        raise PermissionError

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(RecordingForbiddenError):
        open_recording(path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RecordingError):
        open_recording(tmp_path / "pipe")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \r\n\t ",
        b"\xef\xbb\xbf",
        b"\xff\xfe\n\x00",
        b"[]",
        b"{ }",
        gzip.compress(b"", mtime=0),
    ],
)
def test_nothing_in_it_is_told(content, recording):
    with pytest.raises(RecordingEmptyError):
        recording(content)


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html><i>icon</i></html>",
        b"<html><body><i class='x'></i></body></html>",
        b"<svg xmlns='x'><d/></svg>",
        b"hello, how much is it",
        b"[1, 2, 3]",
        b'{"name": "package", "version": 1}',
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        b"PK\x03\x04" + bytes(500),
    ],
)
def test_another_kind_of_file_is_told(content, recording):
    with pytest.raises(RecordingUnknownError):
        recording(content)


def test_an_archive_damaged_from_its_start_is_told(recording):
    with pytest.raises(RecordingError):
        recording(b"\x1f\x8b\x08garbage of another kind")


def test_an_archive_cut_off_gives_what_is_readable(recording, texts):
    lines = "".join(
        f'{{"kind":"comment","at_ms":{n},"text":"第{n}条{n * 7919 % 1000}"}}\n'
        for n in range(1, 20_001)
    )
    whole = gzip.compress(lines.encode())
    found = texts(recording(whole[: len(whole) // 2]))
    assert 5_000 < len(found) < 20_000
    assert found[0] == "第1条919"


def test_a_file_that_is_gone_before_it_is_read_is_told(recording, tmp_path):
    opened = recording('{"kind":"comment","at_ms":1,"text":"x"}')
    opened.path.unlink()
    with pytest.raises(RecordingMissingError):
        list(opened.batches())


@pytest.mark.parametrize(
    ("why", "content", "expected"),
    [
        ("one long line without a line end", '{"kind":"comment","at_ms":1,"text":"a"}', ["a"]),
        ("a broken first line", '{"kind":"comm\n{"kind":"comment","at_ms":1,"text":"a"}', ["a"]),
        ("no root at all", '<d p="1,1,1,1,0,0,1,0">a</d><d p="2,1,1,1,0,0,1,0">b</d>', ["a", "b"]),
        ("two in one", '<i><d p="1">a</d></i>\n<?xml v="1"?><i><d p="2">b</d></i>', ["a", "b"]),
        ("a missing end tag", '<i><d p="1">a<d p="2">b</d></i><i><d p="3">c</d></i>', ["b", "c"]),
        ("unescaped signs", '<i><d p="1">5<6 & 7>3 <3 &nbsp;</d></i>', ["5<6 & 7>3 <3 &nbsp;"]),
        ("a quote missing", '<i><d p="1>a</d>\n<d p="2">b</d></i>', ["b"]),
        ("control characters", '<i><d p="1">a\x00\x08b&#x1;c</d></i>', ["abc"]),
        ("a broken element", '[{"message":"a"},{"message":b},{"message":"c"}]', ["a", "c"]),
        ("a list cut off", '[{"message":"a"},{"message":"b"},{"mess', ["a", "b"]),
        ("half an emoji", '[{"message":"a\\ud83d"}]', ["a"]),
        ("spread over lines", '{\n "comments": [\n  {"message": {"body": "a"}}\n ]\n}', ["a"]),
        ("an absurd time", '[{"message":"a","timestamp":1e300}]', ["a"]),
        ("before the start", '[{"message":"a","time_in_seconds":-5}]', ["a"]),
    ],
)  # fmt: skip
def test_what_is_readable_is_read(why, content, expected, recording, texts):
    assert texts(recording(content)) == expected, why


def test_broken_bytes_cost_only_themselves(recording, texts):
    content = '<i><d p="1">前\xff后</d><d p="2">整</d></i>'.encode().replace(b"\xc3\xbf", b"\xff")
    assert texts(recording(content + "<!-- 很多正常的中文 -->".encode() * 20))[1] == "整"
