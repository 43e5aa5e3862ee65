"""Readings of stream health from OBS's counters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.broadcast.health import (
    BLACK_MS,
    FROZEN_MS,
    SILENCE_DB,
    HealthReader,
    MicMeter,
    PictureWatch,
)
from hostdesk.broadcast.obs_answers import Input, Stats, StreamStatus


def read(reader, skipped, total, *, live=True, encoder=(0, 0), congestion=0.0):
    stats = Stats(29.97, encoder[0], encoder[1])
    return reader.receive(stats, StreamStatus(live, False, congestion, skipped, total), 1000)


def test_skipped_frames_are_those_since_the_last_reading():
    reader = HealthReader()
    assert read(reader, 900, 1000).skipped_ratio is None, "the first reading has no before"
    assert read(reader, 900, 1060).skipped_ratio == 0
    assert read(reader, 930, 1120).skipped_ratio == pytest.approx(0.5)


def test_counters_that_start_again_after_a_reconnect_are_not_negative():
    reader = HealthReader()
    read(reader, 900, 1000)
    assert read(reader, 0, 40).skipped_ratio == 0
    assert read(reader, 20, 80).skipped_ratio == pytest.approx(0.5)


def test_an_encoder_that_is_too_slow_counts_as_much_as_a_slow_uplink():
    reader = HealthReader()
    read(reader, 0, 100, encoder=(0, 100))
    assert read(reader, 0, 160, encoder=(30, 160)).skipped_ratio == pytest.approx(0.5)


def test_without_a_stream_nothing_is_skipped_and_nothing_congested():
    reader = HealthReader()
    read(reader, 0, 0, live=False)
    reading = read(reader, 0, 0, live=False, congestion=1.0)
    assert (reading.fps, reading.skipped_ratio, reading.congestion) == (30.0, None, None)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=20))
def test_the_ratio_stays_between_none_and_all(readings):
    reader = HealthReader()
    for skipped, total in readings:
        ratio = read(reader, skipped, total).skipped_ratio
        assert ratio is None or 0 <= ratio <= 1


def meters(**levels):
    return {
        "inputs": [
            {"inputName": name, "inputLevelsMul": [[peak / 2, peak, 1.0]]}
            for name, peak in levels.items()
        ]
    }


@pytest.mark.parametrize(
    ("why", "special", "inputs", "expected"),
    [
        ("OBS's own microphone slot wins", {"mic1": "mic", "desktop1": "pc"}, [], -20.0),
        ("else a capture device", {"mic1": None}, [("mic", "wasapi_input_capture")], -20.0),
        ("else whatever sounds", {}, [("music", "ffmpeg_source")], 0.0),
    ],
)
def test_the_microphone_is_found(why, special, inputs, expected):
    meter = MicMeter()
    meter.choose(special, tuple(Input(*entry) for entry in inputs))
    meter.receive(meters(mic=0.1, music=1.0))
    assert meter.take_db() == expected, why


def test_the_peak_is_the_loudest_since_the_last_reading():
    meter = MicMeter()
    for level in (0.01, 0.1, 0.001):
        meter.receive(meters(mic=level))
    assert meter.take_db() == -20.0
    assert meter.take_db() is None, "nothing was heard of since"


@pytest.mark.parametrize(
    ("why", "data", "expected"),
    [
        ("muted: the peak after the fader is zero", meters(mic=0.0), SILENCE_DB),
        ("a device that has not delivered yet", {"inputs": [{"inputLevelsMul": []}]}, None),
        ("nonsense", {"inputs": "loud"}, None),
        ("too few numbers", {"inputs": [{"inputLevelsMul": [[0.5]]}]}, None),
    ],
)
def test_quiet_and_odd_meters(why, data, expected):
    meter = MicMeter()
    meter.receive(data)
    assert meter.take_db() == expected, why


def watch_of(*shots, black=False, scene="Live", step_ms=2000):
    watch = PictureWatch()
    return [
        watch.receive(scene, shot, black=black, at_ms=n * step_ms)
        for n, shot in enumerate(shots, 1)
    ]


def test_a_picture_that_stops_moving_is_frozen_after_ten_seconds():
    states = watch_of(b"a", b"b", *[b"c"] * 7)
    assert states[-1] == "frozen"
    assert states.index("frozen") * 2000 >= FROZEN_MS
    assert set(states[:6]) == {"ok"}


def test_a_slide_that_never_moved_is_not_frozen():
    assert set(watch_of(*[b"slide"] * 20)) == {"ok"}


def test_a_new_scene_starts_afresh():
    watch = PictureWatch()
    for n in range(3):
        watch.receive("Live", bytes([n]), black=False, at_ms=n * 2000)
    later = [watch.receive("Pause", b"slide", black=False, at_ms=n * 2000) for n in range(3, 20)]
    assert set(later) == {"ok"}


def test_black_is_told_once_it_lasts():
    states = watch_of(*[b"black"] * 4, black=True)
    assert states == ["ok", "ok", "black", "black"]
    assert states.index("black") * 2000 >= BLACK_MS
