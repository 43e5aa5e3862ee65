"""Every format's sample in tests/shows/formats, told by its content, plain and packed."""

import gzip
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from hostdesk.errors import RecordingHostileError
from hostdesk.events import Comment, Gift, Member
from hostdesk.sources.recordings import open_recording

SAMPLES = Path(__file__).parents[3] / "shows" / "formats"
START_MS = 1_781_784_000_000

KINDS = [
    ("video.xml", "bilibili-xml", {"comment": 3}, 0),
    ("recorder.xml", "bilibili-xml", {"comment": 3, "gift": 2, "member": 1}, 0),
    ("blrec.xml", "bilibili-xml", {"comment": 2, "gift": 2, "member": 1}, 0),
    ("factory.xml", "bilibili-xml", {"comment": 4, "gift": 1}, 0),
    ("broken.xml", "bilibili-xml", {"comment": 3}, 2),
    ("twitch.json", "twitch-downloader", {"comment": 3, "gift": 1}, 0),
    ("chat.json", "chat-downloader", {"comment": 3, "gift": 1, "member": 1}, 0),
    ("chat.jsonl", "chat-downloader-lines", {"comment": 2}, 1),
    ("youtube.live_chat.json", "live-chat", {"comment": 3, "gift": 1, "member": 1}, 0),
    (
        "show.jsonl",
        "show-file",
        {"stream": 1, "comment": 2, "host_said": 1, "health": 1, "gift": 1, "gap": 1},
        2,
    ),
]


def read(path):
    return [event for batch in open_recording(path).batches() for event in batch]


def comments(name):
    return [event for event in read(SAMPLES / name) if isinstance(event, Comment)]


def test_there_is_a_row_for_every_sample():
    assert {name for name, *_ in KINDS} == {path.name for path in SAMPLES.iterdir()}


@pytest.mark.parametrize(("name", "form", "kinds", "skipped"), KINDS)
def test_a_format_is_told_by_its_content_and_read(name, form, kinds, skipped, tmp_path):
    path = tmp_path / "renamed.txt"
    path.write_bytes((SAMPLES / name).read_bytes())
    recording = open_recording(path)
    events = [event for batch in recording.batches() for event in batch]
    assert recording.format == form
    assert Counter(type(event).__struct_config__.tag for event in events) == kinds
    assert recording.skipped == skipped
    times = [event.at_ms for event in events]
    assert times == sorted(times)


@pytest.mark.parametrize("name", [name for name, *_ in KINDS])
def test_a_packed_file_gives_the_same(name, tmp_path):
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress((SAMPLES / name).read_bytes()))
    assert read(packed) == read(SAMPLES / name)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("name", ["recorder.xml", "show.jsonl", "blrec.xml"])
def test_an_encoding_is_found_out(name, encoding, tmp_path):
    other = tmp_path / "other"
    other.write_bytes((SAMPLES / name).read_text(encoding="utf-8").encode(encoding))
    assert read(other) == read(SAMPLES / name)


def test_a_recorders_start_and_offsets_make_the_time():
    first = comments("recorder.xml")[0]
    assert first.at_ms == START_MS + 1_250
    assert (first.author_id, first.author_name, first.text) == ("42", "阿伟", "多少钱")


def test_a_videos_comments_come_in_the_order_of_the_video():
    assert [each.text for each in comments("video.xml")] == ["来了来了", "前排", "这里好笑"]


def test_a_paid_message_is_both_words_and_money():
    events = read(SAMPLES / "recorder.xml")
    assert Gift(at_ms=START_MS + 3_500, author_id="44", author_name="豆豆", name="SC",
                value_fen=3_000, platform="bilibili") in events  # fmt: skip
    assert "上次买的起球了，怎么退" in [e.text for e in events if isinstance(e, Comment)]


def test_one_membership_written_twice_is_one():
    members = [event for event in read(SAMPLES / "blrec.xml") if isinstance(event, Member)]
    assert [(each.name, each.value_fen) for each in members] == [("舰长", 19_800)]


def test_what_is_null_or_empty_is_just_not_known():
    said = comments("factory.xml")
    assert [each.text for each in said] == ["没有人名", "连时间也没有", "空的", "还能读"]
    assert {each.author_id for each in said} == {""}


def test_masked_ids_stay_as_they_are():
    assert [each.author_id for each in comments("show.jsonl")] == ["42", "0"]


def test_a_deleted_account_keeps_its_words():
    assert [each.text for each in comments("twitch.json")][1] == "gone account"


def test_money_counts_only_where_it_is_yuan():
    gifts = [e for n in ("chat.json", "youtube.live_chat.json") for e in read(SAMPLES / n)]
    assert [e.value_fen for e in gifts if isinstance(e, Gift)] == [None, 5_000]


def test_a_message_with_both_times_tells_when_the_show_began():
    assert comments("youtube.live_chat.json")[-1].at_ms == START_MS + 4_000


def test_reading_twice_gives_the_same_and_counts_anew():
    recording = open_recording(SAMPLES / "show.jsonl")
    first, second = (msgspec.json.encode(list(recording.batches())) for _ in range(2))
    assert first == second
    assert recording.skipped_lines == [8, 9]


BOMB = """<?xml version="1.0"?>
<!DOCTYPE i [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<i><d p="1,1,25,0,0,0,0,0">&b;</d></i>"""


@pytest.mark.parametrize(
    ("why", "content"),
    [
        ("billion laughs", BOMB),
        ("entities after the declaration", '<i><!ENTITY x SYSTEM "file:///etc/passwd"></i>'),
        ("a document type deep in the file", "<i>" + "<d p='1'>x</d>" * 50_000 + BOMB),
    ],
)
def test_hostile_xml_is_refused(why, content, recording):
    with pytest.raises(RecordingHostileError):
        list(recording(content).batches())


def test_a_comment_of_a_million_characters_is_cut(recording):
    said = "长" * 10**6
    for content in (
        f'<i><d p="1,1,25,0,0,0,7,0">{said}</d><d p="2,1,25,0,0,0,7,0">后面</d></i>',
        f'{{"kind":"comment","at_ms":1,"text":"{said}"}}\n{{"kind":"comment","at_ms":2,"text":"后面"}}',
        f'[{{"message":"{said}"}},{{"message":"后面"}}]',
    ):
        events = [event for batch in recording(content).batches() for event in batch]
        assert [len(event.text) for event in events] == [2_001, 2]
        assert events[0].text.endswith("长…")
