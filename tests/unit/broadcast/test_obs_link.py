"""One connection to OBS: what it answers, and how each way of failing is named."""

import asyncio
import contextlib
import json

import pytest
from websockets.asyncio.server import serve

from hostdesk.broadcast import obs_link
from hostdesk.broadcast.obs_answers import Canvas, Stats
from hostdesk.broadcast.obs_link import ObsAddress, open_link
from hostdesk.errors import (
    ObsKickedError,
    ObsPasswordError,
    ObsProtocolError,
    ObsRefusedError,
    ObsSilentError,
    ObsUnreachableError,
)
from tests.fakes.fake_obs import FakeObs
from tests.fakes.obs_conversation import converse


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(obs_link, "ANSWER_TIMEOUT_S", 0.4)


@contextlib.asynccontextmanager
async def linked(obs, password=None):
    """A link whose conversation runs; its end is kept in `link.over`."""
    address = ObsAddress("127.0.0.1", obs.port, obs.password if password is None else password)

    async def talk(link):
        with contextlib.suppress(ObsUnreachableError, ObsSilentError, ObsKickedError):
            await link.run(lambda _event: None)

    async with open_link(address) as link, asyncio.TaskGroup() as tasks:
        talking = tasks.create_task(talk(link))
        try:
            yield link
        finally:
            talking.cancel()


async def test_the_fake_answers_as_the_real_obs_does(tmp_path):
    async with FakeObs() as obs, linked(obs) as link:
        await converse(link, tmp_path / "none.png")


async def test_a_wrong_password_is_named():
    async with FakeObs() as obs:
        with pytest.raises(ObsPasswordError):
            async with linked(obs, "wrong"):
                pass


async def test_nobody_there_is_unreachable():
    async with FakeObs() as obs:
        port = obs.port
    with pytest.raises(ObsUnreachableError) as error:
        async with open_link(ObsAddress("127.0.0.1", port)):
            pass
    assert error.value.params == {"host": "127.0.0.1", "port": port}


@contextlib.asynccontextmanager
async def tcp_server(answer):
    """Somebody else on that port: sends ``answer`` to whoever comes."""
    writers = []

    async def serve_one(_reader, writer):
        writers.append(writer)
        writer.write(answer)

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
    for writer in writers:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_somebody_who_accepts_and_says_nothing_is_silent():
    async with tcp_server(b"") as port:
        with pytest.raises(ObsSilentError):
            async with open_link(ObsAddress("127.0.0.1", port)):
                pass


async def test_a_web_server_is_not_obs():
    async with tcp_server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as port:
        with pytest.raises(ObsProtocolError):
            async with open_link(ObsAddress("127.0.0.1", port)):
                pass


@pytest.mark.parametrize("nonsense", ["hello", b"binary", json.dumps({"op": 2, "d": []})])
async def test_another_websocket_server_is_not_obs(nonsense):
    async def babble(client):
        await client.send(nonsense)
        await client.wait_closed()

    async with serve(babble, "127.0.0.1", 0, close_timeout=0.1) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ObsProtocolError):
            async with open_link(ObsAddress("127.0.0.1", port)):
                pass


async def test_a_request_that_hangs_ends_the_link():
    async with FakeObs() as obs, linked(obs) as link:
        obs.hangs.set()
        with pytest.raises(ObsSilentError):
            await link.ask("GetStats", Stats)
        with pytest.raises(ObsSilentError):
            await link.ask("GetStats", Stats)
        obs.hangs.clear()


async def test_a_link_that_broke_fails_the_requests_under_way_at_once():
    async with FakeObs() as obs, linked(obs) as link:
        obs.hangs.set()

        async def ask():
            with pytest.raises(ObsKickedError) as error:
                await link.ask("GetStats", Stats)
            assert error.value.params == {"close_code": 4011}

        async with asyncio.timeout(0.35), asyncio.TaskGroup() as tasks:
            tasks.create_task(ask())
            await asyncio.sleep(0)
            tasks.create_task(obs.kick(4011))
        obs.hangs.clear()


async def test_an_answer_of_another_shape_is_not_obs():
    async with FakeObs() as obs, linked(obs) as link:
        with pytest.raises(ObsProtocolError):
            await link.ask("GetStats", Canvas)


async def test_a_refusal_says_which_request_and_why():
    async with FakeObs() as obs, linked(obs) as link:
        with pytest.raises(ObsRefusedError) as error:
            await link.tell("RemoveInput", inputName="none")
        assert error.value.params["request"] == "RemoveInput"
        assert error.value.params["status"] == 600
        assert error.value.params["reason"]


@pytest.mark.parametrize(
    ("host", "here", "url"),
    [
        ("127.0.0.1", True, "ws://127.0.0.1:4455"),
        ("localhost", True, "ws://localhost:4455"),
        ("::1", True, "ws://[::1]:4455"),
        ("192.168.1.20", False, "ws://192.168.1.20:4455"),
        ("obs-pc", False, "ws://obs-pc:4455"),
    ],
)
def test_an_address_knows_whether_obs_can_read_our_files(host, here, url):
    address = ObsAddress(host)
    assert (address.is_here, address.url) == (here, url)
