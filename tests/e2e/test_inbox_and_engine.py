"""A program pushes to the inbox of a real engine process, over real sockets."""

import contextlib
import json

import httpx
import pytest
from websockets.sync.client import connect

from hostdesk import settings_file
from hostdesk.journal.reader import ShowReader
from hostdesk.seats.protocol import SettingsNow, SettingsWanted, encode
from hostdesk.settings import Settings
from hostdesk.sources.inbox import ROOM
from tests.e2e.engine_process import EngineProcess
from tests.e2e.real_obs import free_port

pytestmark = pytest.mark.e2e

BATCH = 500
TOTAL = 16_000


class Pusher:
    """A program with the inbox's token."""

    def __init__(self, port, token):
        self.address = f"127.0.0.1:{port}"
        self.headers = {"Authorization": f"Bearer {token}"}

    def push(self, *items):
        body = json.dumps({"source": "test", "items": items})
        url = f"http://{self.address}/v1/comments"
        answer = httpx.post(url, content=body, headers=self.headers, trust_env=False, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()["taken"]

    def socket(self):
        return connect(f"ws://{self.address}/", additional_headers=self.headers, proxy=None)


@contextlib.contextmanager
def with_inbox(tmp_path, **more):
    """An engine, a seat at it, and a program that may push."""
    port = free_port()
    data = tmp_path / "data"
    data.mkdir()
    settings_file.save(tmp_path, Settings(inbox=True, inbox_port=port, **more))
    engine = EngineProcess(data, "--stay")
    engine.start()
    try:
        with engine.seat() as seat:
            seat.until(lambda: "status" in seat.panels)
            seat.socket.send(encode(SettingsWanted()))
            token = seat.next(SettingsNow).inbox_token
            seat.until(
                lambda: any(
                    row.source_id == "inbox" and row.state == "quiet"
                    for row in seat.panels["status"].sources
                ),
                what="the inbox to listen",
            )
            yield engine, seat, Pusher(port, token)
    finally:
        engine.stop()


def test_a_program_that_floods_is_slowed_down_and_loses_nothing(tmp_path):
    most = 0
    with with_inbox(tmp_path) as (engine, seat, pusher), pusher.socket() as socket:
        for first in range(0, TOTAL, BATCH):
            items = [
                {"text": f"质量太差了 起球 {n}", "author_id": f"u{n}", "author_name": f"观众{n}"}
                for n in range(first, first + BATCH)
            ]
            socket.send(json.dumps({"source": "flood", "items": items}))
        taken = 0
        while taken < TOTAL:
            seat.listen(0.001)
            most = max(most, seat.panels["status"].waiting)
            with contextlib.suppress(TimeoutError):
                taken += json.loads(socket.recv(timeout=0.01)).get("taken", 0)
        seat.until(lambda: seat.panels["status"].waiting == 0, what="all to be judged")
        assert seat.total == TOTAL
        path = engine.shows()[0].path
        assert most <= ROOM + BATCH + 10
        assert most > ROOM / 2, "this machine judges faster than a program can push"
    with ShowReader(path) as reader:
        texts = [event.text for _, _, event in reader.events() if hasattr(event, "author_name")]
    assert texts == [f"质量太差了 起球 {n}" for n in range(TOTAL)]


def test_what_the_platform_deletes_is_marked_live_in_a_page_and_in_a_new_window(tmp_path):
    with with_inbox(tmp_path) as (engine, seat, pusher):
        said = [
            {"id": f"c{n}", "text": f"第{n}句", "author_id": "ann" if n % 2 else "bo"}
            for n in range(6)
        ]
        pusher.push(*said)
        seat.until(lambda: len([r for r in seat.rows.values() if r.kind == "comment"]) == 6)
        pusher.push({"kind": "removed", "id": "c0"})
        pusher.push({"kind": "removed", "author_id": "ann", "reason": "banned"})
        seat.until(lambda: len(seat.gone) == 4, what="the marks")
        assert {seat.rows[seq].text for seq in seat.gone} == {"第0句", "第1句", "第3句", "第5句"}
        assert set(seat.page(1, seat.last_seq).gone) == seat.gone
        with engine.seat() as later:
            later.until(lambda: later.rows)
            assert later.gone == seat.gone
        engine.kill()
        engine.start()
        with engine.seat() as after:
            after.until(lambda: after.last_seq >= max(seat.gone), what="the show to go on")
            assert set(after.page(1, max(seat.gone)).gone) == seat.gone
