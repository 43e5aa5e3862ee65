"""The benchmarks themselves: what they print, what they count as met, what load they bring."""

import itertools
import json
import math
import sys

import pytest

from hostdesk import cli
from hostdesk.bench import running
from hostdesk.bench.ending import GaveUpError
from hostdesk.bench.ground import Ground
from hostdesk.bench.loads import START_MS, Crowd, timed, write
from hostdesk.bench.results import Bar, Result, best, percentile, slope
from hostdesk.bench.running import CASES, LOAD, told
from hostdesk.sources.recordings import open_recording
from hostdesk.text import LOCALES, words

DOCUMENTED = {
    "kind", "name", "met", "figures", "bars", "missing", "detail", "contended", "spin", "others",
    "runs",
}  # fmt: skip


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setenv(LOAD, "0.001")


def test_bench_prints_one_object_a_line(tiny, capsys):
    status = cli.main(["--lang", "en", "bench", "analyse", "journal", "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in lines] == ["analyse", "journal"]
    assert all(set(line) == DOCUMENTED for line in lines)
    analyse = lines[0]
    assert analyse["figures"]["comments"] > 300
    assert analyse["figures"]["comments_per_s"] > 0
    assert [set(bar) for bar in analyse["bars"]] == [{"figure", "limit", "at_least", "met"}]
    assert status == (1 if any(line["met"] is False for line in lines) else 0)


def test_bench_speaks_to_people_too(tiny, capsys):
    cli.main(["--lang", "zh", "bench", "journal"])
    told_to_people = capsys.readouterr()
    assert words("zh")("bench.figure.cpu_us_per_row") in told_to_people.out
    assert words("zh")("bench.about.journal") in told_to_people.err


def test_an_unknown_name_is_told_with_those_that_there_are(capsys):
    assert cli.main(["--lang", "en", "bench", "speed"]) == 2
    said = capsys.readouterr().err
    assert "speed" in said
    assert all(name in said for name in CASES)


def bars_of(module):
    for value in vars(module).values():
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Bar):
                yield each


@pytest.mark.parametrize("locale", LOCALES)
def test_every_benchmark_and_its_bars_have_words(locale):
    say = words(locale)
    assert all(say.has(f"bench.about.{name}") for name in CASES)
    bars = [bar for case in CASES.values() for bar in bars_of(sys.modules[case.__module__])]
    assert len(bars) >= 15
    assert not [bar.figure for bar in bars if not say.has(f"bench.figure.{bar.figure}")]


def test_what_gives_up_is_not_measured_and_says_so(tmp_path, monkeypatch):
    def stuck(ground):
        raise GaveUpError("engine")

    monkeypatch.setitem(running.CASES, "live", stuck)
    ground = Ground(tmp_path, load=1, quick=True, tell=print)
    result = running.run_case("live", ground)
    assert (result.missing, result.detail, result.met) == ("gave_up", "engine", None)
    assert told(result)["met"] is None


@pytest.mark.parametrize(
    ("value", "at_least", "met", "why"),
    [
        (9.9, False, True, "below a most"),
        (10, False, True, "the bar itself is met"),
        (10.1, False, False, "above a most"),
        (10, True, True, "the bar itself is met"),
        (9.9, True, False, "below a least"),
        (math.nan, False, False, "nothing measured is never met"),
        ("fast", False, False, "a word is no figure"),
    ],
)
def test_bars(value, at_least, met, why):
    assert Bar("x", 10, at_least=at_least).is_met(value) is met, why


def test_the_best_run_misses_the_fewest_bars():
    bars = (Bar("a_ms", 10), Bar("b_ms", 10))
    slow = Result(name="x", figures={"a_ms": 5, "b_ms": 20}, bars=bars)
    good = Result(name="x", figures={"a_ms": 9, "b_ms": 9}, bars=bars)
    quick = Result(name="x", figures={"a_ms": 8, "b_ms": 9}, bars=bars)
    assert best([slow, good, quick]) is quick


def test_percentiles_and_slopes():
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile([3.0], 0.99) == 3.0
    assert math.isnan(percentile([], 0.5))
    assert slope([(0, 1), (1, 3), (2, 5)]) == pytest.approx(2)
    assert math.isnan(slope([(1, 1), (1, 2), (1, 3)]))


def test_the_load_is_a_crowd_and_not_one_sentence_again_and_again():
    lines = list(itertools.islice(Crowd().comments(), 30_000))
    texts, people = {line["text"] for line in lines}, {line["author_id"] for line in lines}
    assert len({line["comment_id"] for line in lines}) == len(lines)
    assert 0.3 < len(texts) / len(lines) < 0.7, "as varied as the shows are, echoes included"
    assert 0.1 < len(people) / len(lines) < 0.5
    again = list(itertools.islice(Crowd().comments(), 30_000))
    assert lines == again, "the same load each time"


def test_a_load_comes_at_its_pace_and_is_read_whole(tmp_path):
    phases = [(50, 50), (2_000, 2_000), (50, 50)]
    recording = open_recording(write(tmp_path / "x.jsonl", timed(Crowd().comments(), phases)))
    events = [event for batch in recording.batches() for event in batch]
    assert len(events) == 2_100
    assert events[0].at_ms == START_MS
    assert events[-1].at_ms - START_MS == pytest.approx(3_000, abs=30)
    burst = [event for event in events if 1_000 <= event.at_ms - START_MS < 2_000]
    assert len(burst) == pytest.approx(2_000, abs=2)
