"""A real engine process and a seat that talks to it, for end-to-end tests."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from websockets.sync.client import connect

from hostdesk.events import NoticeAsked
from hostdesk.journal.listing import list_shows
from hostdesk.seats import link_file
from hostdesk.seats.protocol import (
    VERSION,
    Answer,
    Hello,
    News,
    Page,
    PageWanted,
    SeatAsk,
    Welcome,
    encode,
    read_from_engine,
)

LIMIT_S = 60.0
OBS_AWAY = ("obs_silent", "obs_unreachable")
ROOT = Path(__file__).parents[2]


def until(condition, limit_s=LIMIT_S, what=""):
    """Wait for a condition; the machines are noisy, so the limit is generous."""
    end = time.monotonic() + limit_s
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"waited {limit_s} s for {what or condition}"
        time.sleep(0.02)


class EngineProcess:
    """One engine on its own data folder."""

    program = ("-m", "hostdesk.engine_main")

    def __init__(self, data, *arguments, environment=None, home=None):
        self.data = Path(data)
        self.data.mkdir(parents=True, exist_ok=True)
        self._arguments = arguments
        self._environment = {**os.environ, **(environment or {})}
        self._environment["HOSTDESK_DATA"] = str(home or self.data.parent)
        self.process = None

    def start(self):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, *self.program, "--data", str(self.data),
             *self._arguments],
            cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        until(self.is_up, what="the engine to come up")
        return time.monotonic() - began

    def is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the engine ended: {self.process.stderr.read()}{self.log()}")
        facts = link_file.read(self.data)
        return facts is not None and facts.pid == self.process.pid and facts

    def kill(self):
        """SIGKILL: nothing of it can clean up."""
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stderr.close()

    def shows(self):
        return list_shows(self.data / "shows")

    def log(self):
        with contextlib.suppress(OSError):
            return (self.data / "logs" / "engine.log").read_text(encoding="utf-8")
        return ""

    @contextlib.contextmanager
    def seat(self):
        facts = until(self.is_up)
        with connect(
            f"ws://127.0.0.1:{facts.port}", compression=None, proxy=None, max_size=1 << 23
        ) as socket:
            socket.send(encode(Hello(token=facts.token, protocol=VERSION, seat="test")))
            yield SeatTalk(socket)


class SeatTalk:
    """What a window would know."""

    def __init__(self, socket):
        self.socket = socket
        self.panels, self.rows, self.flags, self.gone = {}, {}, {}, set()
        self.total = self.last_seq = 0
        self.answers, self.pages, self.welcome = {}, [], None
        self.digest_bytes, self.others = [], []

    def listen(self, timeout=0.02):
        """Take what has come; True when something did."""
        try:
            frame = self.socket.recv(timeout=timeout)
        except TimeoutError:
            return False
        self._take(read_from_engine(frame), len(frame))
        return True

    def _take(self, message, size):
        match message:
            case Welcome():
                self.welcome = message
            case Answer():
                self.answers[message.ask_id] = message
            case Page():
                self.pages.append(message)
            case News(digest=digest):
                self.digest_bytes.append(size)
                self.total, self.last_seq = digest.total, digest.last_seq
                for row in digest.rows + digest.flagged_rows:
                    self.rows[row.seq] = row
                for flag in digest.flags:
                    self.flags[flag.seq] = flag
                self.gone |= set(digest.gone)
                for name in ("status", "cards", "advice", "plan", "notice", "templates"):
                    panel = getattr(digest, name)
                    if panel is not None:
                        self.panels[name] = panel
            case _:
                self.others.append(message)

    def next(self, kind):
        """The next message of a kind that is not remembered elsewhere."""
        known = len(self.others)
        self.until(lambda: any(isinstance(one, kind) for one in self.others[known:]), what=kind)
        return self.others[-1]

    def until(self, condition, limit_s=LIMIT_S, what=""):
        def listened():
            while self.listen():
                if condition():
                    return True
            return condition()

        try:
            return until(listened, limit_s, what or "news")
        except AssertionError as late:
            late.add_note(f"last seen: {self.panels.get('notice')} {self.panels.get('status')}")
            raise

    def ask(self, kind, **fields):
        """Send an ask and wait for its answer."""
        ask_id = uuid.uuid4().hex
        self.socket.send(encode(SeatAsk(ask=kind(at_ms=0, ask_id=ask_id, seat="test", **fields))))
        self.until(lambda: ask_id in self.answers, what="the answer to an ask")
        return self.answers[ask_id]

    def put_up(self, text):
        """Press 上屏 until OBS took it: a starved OBS that did not answer is asked once more."""

        def pressed():
            assert self.ask(NoticeAsked, text=text, notice_kind="progress").ok
            self.until(lambda: self.panels["notice"].phase in ("seen", "failed"), what="已上屏")
            notice = self.panels["notice"]
            assert notice.phase == "seen" or notice.error_code in OBS_AWAY, notice
            return notice.phase == "seen"

        until(pressed, what="已上屏")

    def page(self, from_seq, until_seq):
        known = len(self.pages)
        self.socket.send(encode(PageWanted(from_seq=from_seq, until_seq=until_seq)))
        self.until(lambda: len(self.pages) > known, what="a page")
        return self.pages[-1]


def write_recording(
    path, *, comments, per_s, texts=("多少钱", "起球吗", "来了", "好看"), people=500
):
    """A show file of so many comments at a steady rate."""
    with Path(path).open("w", encoding="utf-8") as out:
        for n in range(comments):
            row = {
                "kind": "comment",
                "at_ms": 1_781_784_000_000 + n * 1000 // per_s,
                "comment_id": f"c{n}",
                "author_id": f"u{n * 7919 % people}",
                "author_name": f"观众{n % people}",
                "text": texts[n % len(texts)],
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return Path(path)
