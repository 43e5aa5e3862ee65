"""Properties of all parsers: nothing but our own error, the same however it is cut, flat memory."""

import contextlib
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostdesk.errors import RecordingError
from hostdesk.sources.recordings import open_recording
from hostdesk.sources.recordings.decoding import clean, decoded, encoding_of
from hostdesk.sources.recordings.detecting import PARSERS, format_of
from hostdesk.sources.recordings.tally import Tally

SAMPLES = sorted((Path(__file__).parents[3] / "shows" / "formats").iterdir())
PIECES = [
    '<d p="1,1,25,0,1781784001000,0,7,0">', "</d>", "<i>", "</i>", "<?xml version='1.0'?>",
    "&amp;", "&#x1;", "<3", "&", "<!DOCTYPE i>", "<!-- x -->", '<sc ts="2" price="30">', "</sc>",
    "好", '{"message":"a"}', '{"kind":"comment","at_ms":5,"text":"x"}', "[", "]", "{", "}", '"',
    "\\", ",", '"comments":', "\n", "\x00", "\ud800", "1e999", "9" * 400,
    '{"replayChatItemAction":{"actions":[',
]  # fmt: skip
patchworks = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join)
samples = st.sampled_from([path.read_bytes() for path in SAMPLES])


@st.composite
def damaged(draw):
    """A sample with some bytes changed, left out or put in."""
    content = bytearray(draw(samples))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(0, len(content) - 1)))
        content[place : place + draw(st.integers(0, 9))] = draw(st.binary(max_size=6))
    return bytes(content)


def run(form, text, sizes):
    tally = Tally()
    parser = PARSERS[form](tally)
    events = []
    position = 0
    for size in sizes:
        events += parser.feed(text[position : position + size])
        position += size
    events += parser.feed(text[position:])
    events += parser.finish()
    return events, tally.skipped, tally.clamped, parser.is_hostile


@settings(
    max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    content=st.binary(max_size=300)
    | damaged()
    | patchworks.map(lambda t: t.encode("utf-8", "replace"))
)
def test_whatever_bytes_come_we_raise_only_our_own_error(content, tmp_path):
    path = tmp_path / "any"
    path.write_bytes(content)
    times = [0]
    with contextlib.suppress(RecordingError):
        for batch in open_recording(path).batches():
            times += [event.at_ms for event in batch]
    assert times == sorted(times)


@settings(max_examples=300, deadline=None)
@given(
    form=st.sampled_from(sorted(PARSERS)),
    text=patchworks,
    sizes=st.lists(st.integers(1, 30), max_size=30),
)
def test_however_it_is_cut_the_events_are_the_same(form, text, sizes):
    text = clean(text)
    assert run(form, text, sizes) == run(form, text, [])


@settings(max_examples=150, deadline=None)
@given(content=damaged(), sizes=st.lists(st.integers(1, 400), max_size=20))
def test_a_damaged_file_is_read_the_same_however_it_is_cut(content, sizes):
    text = "".join(decoded([content], encoding_of(content)))
    form = format_of(text)
    if form:
        assert run(form, text, sizes) == run(form, text, [])


@pytest.mark.parametrize("form", sorted(PARSERS))
@pytest.mark.parametrize("unit", ["[", '{"a":', '{"comments":[', "<d>", "<d p='", '"', "<", "&"])
def test_endless_nesting_takes_no_memory(form, unit):
    tracemalloc.start()
    parser = PARSERS[form](Tally())
    for _ in range(20):
        parser.feed(unit * 1_000)
    parser.finish()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


XML = '<d p="{n}.5,1,25,16777215,{ms},0,{who},0" user="观众{who}">第{n}条 多少钱</d>'
LINE = '{{"kind":"comment","at_ms":{ms},"author_id":"{who}","text":"第{n}条 多少钱"}}\n'
ITEM = '{{"message":"第{n}条 多少钱","author":{{"id":"{who}"}},"timestamp":{ms}000}},'


@pytest.mark.parametrize(
    ("begin", "row", "join"), [("<i>", XML, ""), ("", LINE, ""), ("[", ITEM, "")]
)
def test_a_big_file_of_one_line_is_read_in_constant_memory(begin, row, join, tmp_path):
    path, rows, block = tmp_path / "big", 0, 2_000
    with path.open("w", encoding="utf-8") as file:
        file.write(begin)
        while file.tell() < 40_000_000:
            numbers = range(rows, rows + block)
            file.write(
                join.join(row.format(n=n, ms=1_781_784_000_000 + n, who=n % 977) for n in numbers)
            )
            rows += block
            if rows >= 20_000:  # the rest is one block again and again: quick to write
                rest = row.format(n=rows, ms=1_781_784_000_000 + rows, who=5) * block
                while file.tell() < 40_000_000:
                    file.write(rest)
                    rows += block
    recording = open_recording(path)
    tracemalloc.start()
    seen = 0
    for batch in recording.batches():
        seen += len(batch)
        if seen > 60_000:
            break  # flat so far: the rest only takes time
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen > 60_000
    assert peak < 8_000_000
