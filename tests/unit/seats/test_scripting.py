"""A script talks to a running engine for the length of one command, and never waits for ever."""

import asyncio
import contextlib
import socket
import threading

import msgspec
import pytest

from hostdesk.desk.rows import Digest, SourceRow, StatusPanel
from hostdesk.errors import EngineAwayError
from hostdesk.seats import scripting
from hostdesk.seats.link_file import LinkFacts
from hostdesk.seats.protocol import LoginWanted, SettingsNow
from hostdesk.seats.server import SeatServer
from hostdesk.settings import Login, Room, Settings

SETTINGS = Settings(shop="小鹿的店", rooms=(Room(room_id="t", platform="twitch", channel="host"),))
ROW = SourceRow(source_id="t", state="live", last_ms=1, platform="twitch", room="host")


class Engine:
    """The engine's real end of the link, in a thread; what it was asked."""

    def __init__(self):
        self.wishes, self.again = [], []
        self.settings, self.status = SETTINGS, StatusPanel(sources=(ROW,))
        self.keyring = threading.Event()
        self.keyring.set()
        self.talks = False
        self.steps = []
        self.facts = None
        self._up, self._down = threading.Event(), None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self):
        self._thread.start()
        assert self._up.wait(30)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._down.set)
        self._thread.join()

    async def _run(self):
        self._loop, self._down = asyncio.get_running_loop(), asyncio.Event()
        server = SeatServer(
            pid=1,
            rehearsal=False,
            asked=None,
            paged=None,
            snapshot=lambda: Digest(now_ms=1, status=self.status),
            settings=self._serve,
            again=self.again.append,
            log_in=self._log_in,
            stop=lambda: None,
        )
        async with server.serving() as port:
            self.facts = LinkFacts(port=port, pid=1, token=server.token)
            self._up.set()
            while not self._down.is_set():
                if self.talks:
                    server.publish(Digest(now_ms=2))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await self._down.wait()

    async def _log_in(self, wish):
        for told in self.steps:
            yield msgspec.structs.replace(told, room_id=wish.room_id)

    async def _serve(self, wish):
        await asyncio.to_thread(self.keyring.wait, 30)
        if wish is not None:
            self.wishes.append(wish)
            self.settings = wish.settings
        return SettingsNow(settings=self.settings, has_password=False, password_is_kept=True)


@pytest.fixture
def engine():
    with Engine() as made:
        yield made


def test_settings_are_read_and_kept_by_the_engine(engine):
    assert scripting.settings_of(engine.facts).settings == SETTINGS
    wish = Settings(shop="新的店")
    answer = scripting.save(engine.facts, wish, {"t.token": "s"})
    assert answer.settings == wish
    assert engine.wishes[0].secrets == {"t.token": "s"}
    assert scripting.settings_of(engine.facts).settings == wish


def test_a_look_and_a_retry_reach_the_engine(engine):
    assert scripting.sources_of(engine.facts) == (ROW,)
    scripting.try_again(engine.facts, "t")
    scripting.settings_of(engine.facts)  # a later word: the one before it has been heard
    assert engine.again == ["t"]


def test_a_person_at_the_keyrings_prompt_is_waited_for(engine, monkeypatch):
    monkeypatch.setattr(scripting, "WAIT_S", 0.3)
    engine.talks = True
    engine.keyring.clear()
    threading.Timer(1.5, engine.keyring.set).start()
    assert scripting.save(engine.facts, Settings(), {}).settings == Settings()


@pytest.mark.parametrize("talks", [True, False])
def test_an_answer_that_never_comes_is_not_waited_for_whatever_else_is_said(
    engine, monkeypatch, talks
):
    monkeypatch.setattr(scripting, "KEYRING_S", 0.5)
    engine.talks = talks
    engine.keyring.clear()
    try:
        with pytest.raises(EngineAwayError):
            scripting.settings_of(engine.facts)
    finally:
        engine.keyring.set()


@pytest.mark.expects_log
def test_a_wrong_token_gets_no_answer(engine):
    facts = LinkFacts(port=engine.facts.port, pid=1, token="wrong")
    for ask in (scripting.settings_of, scripting.sources_of):
        with pytest.raises(EngineAwayError) as caught:
            ask(facts)
    assert "wrong" not in str(caught.value)


def test_a_login_is_followed_to_its_end(engine):
    code = Login(room_id="", step="code", user_code="ABCD", url="https://x", expires_ms=9)
    engine.steps = [code, Login(room_id="", step="done", login="shop")]
    told = list(scripting.logins(engine.facts, LoginWanted(room_id="t")))
    assert [(each.room_id, each.step) for each in told] == [("t", "code"), ("t", "done")]


@pytest.mark.parametrize("what", ["nobody", "silence", "rubbish"])
def test_where_no_engine_answers_it_is_said(what, monkeypatch):
    monkeypatch.setattr(scripting, "WAIT_S", 0.3)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        facts = LinkFacts(port=listening.getsockname()[1], pid=1, token="t")
        if what != "nobody":
            listening.listen()
        if what == "rubbish":
            threading.Thread(target=_say, args=(listening, b"220 mail\r\n"), daemon=True).start()
        for ask in (scripting.settings_of, scripting.sources_of):
            with pytest.raises(EngineAwayError):
                ask(facts)


def _say(listening, rubbish):
    with contextlib.suppress(OSError):
        for _ in range(2):
            line, _ = listening.accept()
            with line:
                line.recv(100)
                line.sendall(rubbish)
