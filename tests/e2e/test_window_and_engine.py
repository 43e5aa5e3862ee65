"""The window on its own display, without OBS: it starts its engine, and starts it again."""

import os
import signal
import subprocess

import pytest

from hostdesk.launching import is_alive
from hostdesk.seats import link_file
from tests.e2e.engine_process import until, write_recording
from tests.e2e.real_obs import end, need
from tests.e2e.real_window import RealWindow

pytestmark = pytest.mark.e2e


@pytest.fixture
def display(tmp_path):
    """An X server of our own."""
    told = tmp_path / "display"
    with told.open("w") as out:
        server = subprocess.Popen(
            [need("Xvfb"), "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
            stdout=out,
            stderr=subprocess.DEVNULL,
        )
    until(lambda: told.read_text().strip(), what="Xvfb")
    yield f":{told.read_text().strip()}"
    end(server)


def test_an_engine_that_dies_is_started_again_and_the_show_goes_on(display, tmp_path):
    data = tmp_path / "desk"
    data.mkdir()
    recording = write_recording(tmp_path / "show.jsonl", comments=4_000, per_s=50)
    window = RealWindow(data, display, "--replay", str(recording), join=False)
    try:
        window.until(lambda state: state["rows"] > 50, "rows of an engine that it started itself")
        first = link_file.read(data)
        os.kill(first.pid, signal.SIGKILL)
        window.until(lambda state: state["away"], "the window to say that the engine is away")
        window.until(lambda state: not state["away"], "the engine to be back")
        second = link_file.read(data)
        assert second.pid != first.pid
        shown = window.do("state")["rows"]
        window.until(lambda state: state["rows"] > shown + 20, "the show to go on")
        assert len(list((data / "shows").glob("*.hostdesk"))) == 1, "the same show"
    finally:
        window.close()
    until(lambda: not is_alive(second.pid), what="the rehearsal to end with its window")


def test_the_feed_holds_its_place_while_comments_arrive(display, tmp_path):
    data = tmp_path / "desk"
    data.mkdir()
    recording = write_recording(tmp_path / "show.jsonl", comments=6_000, per_s=200)
    window = RealWindow(data, display, "--replay", str(recording), join=False)
    try:
        window.until(lambda state: state["rows"] > 300)
        anchor = window.do("scroll_back")
        before = window.do("state")["rows"]
        window.until(lambda state: state["rows"] > before + 300, "three hundred more rows")
        assert window.do("anchor") == anchor
    finally:
        window.close()
