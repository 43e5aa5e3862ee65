"""Logging in to Twitch: the code, the waiting, the renewing, and no secret anywhere else."""

import asyncio
import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.sources import twitch_device, twitch_http, twitch_login
from hostdesk.sources.steps import Fault, SourceFaultError
from hostdesk.sources.twitch_device import (
    LOST,
    MODERATE_SCOPES,
    READ_SCOPES,
    SPEAK_SCOPES,
    Account,
    DeviceCode,
    DeviceFlow,
    Tokens,
    account_of,
    device_code_of,
    renewed,
    tokens_of,
)
from hostdesk.sources.twitch_login import TwitchLogin
from hostdesk.text import words
from tests.fakes.twitch_api import EVERYTHING, FakeTwitch
from tests.fakes.twitch_wire import Response

NOW_MS = 1_700_000_000_000
ASKED = {
    "device_code": "ike3GM8QIdYZs43KdrWPIO36LofILoCyFEzjlQ91",
    "expires_in": 1800,
    "interval": 5,
    "user_code": "ABCDEFGH",
    "verification_uri": "https://www.twitch.tv/activate?public=true&device-code=ABCDEFGH",
}
GIVEN = {
    "access_token": "rfx2uswqe8l4g1mkagrvg5tv0ks3",
    "expires_in": 14124,
    "refresh_token": "5b93chm6hdve3mycz05zfzatkfdenfspp1h1ar2xxdalen01",
    "scope": ["user:read:chat"],
    "token_type": "bearer",
}


def now_ms():
    return time.time_ns() // 1_000_000


def flow(**changes):
    code = device_code_of(200, ASKED | changes, NOW_MS)
    assert isinstance(code, DeviceCode)
    return DeviceFlow(code, NOW_MS)


def test_the_code_is_for_a_person_and_the_device_code_for_nobody():
    code = device_code_of(200, ASKED, NOW_MS)
    assert (code.user_code, code.url) == ("ABCDEFGH", ASKED["verification_uri"])
    assert (code.interval_ms, code.expires_ms) == (5_000, NOW_MS + 1_800_000)
    assert ASKED["device_code"] not in repr(code) + str([code])


@pytest.mark.parametrize("told", [-1_800, 0, 0.0001, 1e300, "soon", None])
def test_a_time_that_cannot_be_is_not_believed(told):
    code = device_code_of(200, ASKED | {"expires_in": told}, NOW_MS)
    assert NOW_MS + 1_000 <= code.expires_ms <= NOW_MS + 3_600_000
    assert code.interval_ms >= 1_000


@pytest.mark.parametrize(
    ("why", "status", "changes", "code"),
    [
        ("an application that Twitch does not know", 400, {}, "twitch_client"),
        ("out of order", 503, {}, "source_status"),
        ("too often", 429, {}, "source_too_many"),
        ("no code", 200, {"user_code": ""}, "source_protocol"),
        ("a page that is none", 200, {"verification_uri": "javascript:alert(1)"},
         "source_protocol"),
        ("a page that anybody can read along", 200, {"verification_uri": "http://a.example/"},
         "source_protocol"),
    ],
)  # fmt: skip
def test_a_code_is_not_to_be_had(why, status, changes, code):
    fault = device_code_of(status, ASKED | changes, NOW_MS)
    assert fault.code == code, why


def test_we_ask_no_more_often_than_twitch_wants():
    asking = flow()
    assert asking.next_ms == NOW_MS + 5_000
    pending = {"status": 400, "message": "authorization_pending"}
    assert asking.answered(400, pending, NOW_MS + 5_000) is None
    assert asking.next_ms == NOW_MS + 10_000
    assert asking.answered(400, {"error": "slow_down"}, NOW_MS + 10_000) is None
    assert asking.next_ms == NOW_MS + 20_000
    assert asking.answered(502, {}, NOW_MS + 20_000) is None
    assert asking.next_ms == NOW_MS + 30_000
    assert flow(interval=0).next_ms == NOW_MS + 1_000
    assert flow(interval=None).next_ms == NOW_MS + 5_000


def test_the_login_is_there_once_the_code_is_typed():
    tokens = flow().answered(200, GIVEN, NOW_MS)
    assert tokens == Tokens(
        access=GIVEN["access_token"],
        refresh=GIVEN["refresh_token"],
        scopes=("user:read:chat",),
    )
    assert GIVEN["access_token"] not in repr(tokens)
    assert GIVEN["refresh_token"] not in repr(tokens)


@pytest.mark.parametrize(
    ("status", "message", "code", "state"),
    [
        (400, "invalid device code", "twitch_code_expired", "logged_out"),
        (400, "expired_token", "twitch_code_expired", "logged_out"),
        (400, "access_denied", "twitch_denied", "logged_out"),
        (400, "invalid client", "twitch_client", "refused"),
        (403, "invalid client secret", "twitch_client", "refused"),
        (400, "missing client id", "twitch_client", "refused"),
    ],
)
def test_some_answers_end_the_waiting(status, message, code, state):
    fault = flow().answered(status, {"status": status, "message": message}, NOW_MS)
    assert (fault.code, fault.state) == (code, state)
    for locale in ("zh", "en"):
        message, hint = words(locale).error(fault.code, fault.params)
        assert "程序内部" not in message
        assert hint


def test_a_code_lapses_also_when_nobody_answers():
    asking = flow(expires_in=12)
    assert asking.missed(NOW_MS + 5_000) is None
    assert asking.missed(NOW_MS + 10_000).code == "twitch_code_expired"


@pytest.mark.parametrize(
    ("status", "told", "code"),
    [
        (400, {"message": "Invalid refresh token"}, "twitch_login_lost"),
        (401, {"message": "Invalid refresh token"}, "twitch_login_lost"),
        (400, {"message": "missing client secret"}, "twitch_client"),
        (500, {}, "source_status"),
        (429, {}, "source_too_many"),
        (200, {}, "source_protocol"),
        (200, GIVEN | {"refresh_token": ""}, "source_protocol"),
        (200, GIVEN | {"access_token": "a b"}, "source_protocol"),
        (200, GIVEN | {"access_token": "a\r\nX: y"}, "source_protocol"),
        (200, GIVEN | {"access_token": "字"}, "source_protocol"),
    ],
)
def test_renewing_can_fail(status, told, code):
    assert renewed(status, told).code == code


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
VALUES = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.text(max_size=5), LEAVES)
NAMES = st.sampled_from(sorted({*ASKED, *GIVEN, "message", "error", "user_id", "login", "scopes"}))
STATUS = st.sampled_from([200, 400, 401, 403, 404, 429, 500, 503])


@given(STATUS, st.dictionaries(NAMES, VALUES, max_size=4), st.sampled_from([{}, ASKED, GIVEN]))
def test_whatever_twitch_answers_nothing_is_raised(status, told, base):
    told = base | told
    assert isinstance(device_code_of(status, told, NOW_MS), DeviceCode | Fault)
    assert isinstance(renewed(status, told), Tokens | Fault)
    assert isinstance(account_of(status, told), Account | Fault)
    assert isinstance(tokens_of(told), Tokens | None)
    asking = flow()
    assert isinstance(asking.answered(status, told, NOW_MS), Tokens | Fault | None)
    assert NOW_MS < asking.next_ms <= NOW_MS + 3_600_000


# ------------------------------------------------------------------- over a real connection


@pytest.fixture
async def twitch(monkeypatch):
    monkeypatch.setattr(twitch_device, "LEAST_INTERVAL_S", 0.05)
    async with FakeTwitch() as made:
        made.interval = 0.05
        yield made


class Keyring:
    """What was kept, newest last."""

    def __init__(self):
        self.kept = []

    async def keep(self, tokens):
        self.kept.append(tokens)


def login_at(twitch, keyring=None, tokens=None, **more):
    keyring = keyring or Keyring()
    about = {"now_ms": now_ms, "keep": keyring.keep, "base": twitch.url} | more
    return TwitchLogin(about.pop("client_id", twitch.client_id), tokens=tokens, **about)


def tokens_for(twitch, login="shop"):
    access, refresh = twitch.log_in(login)
    return Tokens(access=access, refresh=refresh)


async def test_from_the_code_to_the_login(twitch):
    keyring = Keyring()
    login = login_at(twitch, keyring)
    assert login.token() == ""
    wanted = READ_SCOPES + SPEAK_SCOPES + MODERATE_SCOPES
    assert set(wanted) == set(EVERYTHING)
    code = await login.ask(wanted)
    waiting = asyncio.ensure_future(login.wait(code, wanted))
    await twitch.until(lambda: twitch.asked.count(("POST", "/oauth2/token")) >= 2)
    twitch.approve(code.user_code, "shop")
    tokens = await asyncio.wait_for(waiting, 30)
    assert keyring.kept == [tokens]
    assert login.token() == tokens.access
    assert twitch.too_fast == 0
    account = await login.validate()
    assert (account.login, account.user_id) == ("shop", twitch.people["shop"])
    assert set(account.scopes) == set(wanted)


async def test_a_person_who_refuses_is_believed(twitch):
    login = login_at(twitch)
    code = await login.ask()
    twitch.deny(code.user_code)
    with pytest.raises(SourceFaultError) as caught:
        await login.wait(code)
    assert caught.value.fault.code == "twitch_denied"
    assert login.token() == ""


async def test_a_code_that_nobody_types_lapses(twitch):
    twitch.expires_in = 1
    login = login_at(twitch)
    code = await login.ask()
    with pytest.raises(SourceFaultError) as caught:
        await login.wait(code)
    assert caught.value.fault.code == "twitch_code_expired"


async def test_a_wrong_application_is_told(twitch):
    with pytest.raises(SourceFaultError) as caught:
        await login_at(twitch, client_id="other").ask()
    assert caught.value.fault.code == "twitch_client"


async def test_renewing_rotates_and_happens_once_for_all_who_ask(twitch):
    keyring, old = Keyring(), tokens_for(twitch)
    login = login_at(twitch, keyring, old)
    fresh = await asyncio.gather(*[login.renew(old.access) for _ in range(5)])
    assert len(set(fresh)) == 1
    assert fresh[0] != old.access
    assert login.token() == fresh[0]
    assert twitch.asked.count(("POST", "/oauth2/token")) == 1
    [kept] = keyring.kept
    assert kept.refresh != old.refresh
    assert await login.renew(old.access) == fresh[0], "it is new already"
    assert await login.renew(fresh[0]) not in (fresh[0], old.access), "with the new refresh token"


async def test_whoever_asks_may_go_but_the_new_tokens_are_kept(twitch):
    keyring, old = Keyring(), tokens_for(twitch)
    login = login_at(twitch, keyring, old)
    asking = asyncio.ensure_future(login.renew(old.access))
    await twitch.until(lambda: ("POST", "/oauth2/token") in twitch.asked)
    asking.cancel()
    await twitch.until(lambda: keyring.kept)
    assert login.token() == keyring.kept[-1].access != old.access


async def test_a_login_that_is_lost_is_forgotten_and_said(twitch):
    keyring = Keyring()
    lost = Tokens(access="gone", refresh="used")
    login = login_at(twitch, keyring, lost)
    assert await login.renew("gone") == ""
    assert login.token() == ""
    assert keyring.kept == [Tokens(access="", refresh="")]
    assert await login.renew("") == ""
    with pytest.raises(SourceFaultError) as caught:
        await login.validate()
    assert caught.value.fault == LOST


async def test_twitch_out_of_order_costs_no_login(twitch):
    keyring, old = Keyring(), tokens_for(twitch)
    login = login_at(twitch, keyring, old, base=f"{twitch.url}/nowhere")
    with pytest.raises(SourceFaultError):
        await login.validate()
    login = login_at(twitch, keyring, old)
    await twitch.stop()
    with pytest.raises(SourceFaultError) as caught:
        await login.renew(old.access)
    await twitch.start()
    assert caught.value.fault.code == "source_unreachable"
    assert caught.value.fault.state == "reconnecting"
    assert (login.token(), keyring.kept) == (old.access, [])
    assert await login.renew(old.access) not in ("", old.access)


async def test_the_watch_renews_what_lapses_and_ends_when_the_login_is_gone(twitch, monkeypatch):
    monkeypatch.setattr(twitch_login, "VALIDATE_S", 0.02)
    keyring, old = Keyring(), tokens_for(twitch)
    login = login_at(twitch, keyring, old)
    watching = asyncio.ensure_future(login.watch())
    await twitch.until(lambda: twitch.asked.count(("GET", "/oauth2/validate")) >= 2)
    twitch.lapse(old.access)
    await twitch.until(lambda: keyring.kept)
    assert login.token() != old.access
    twitch.refreshes.clear()
    twitch.lapse(login.token())
    fault = await asyncio.wait_for(watching, 30)
    assert (fault.code, fault.state) == ("twitch_login_lost", "logged_out")


async def test_logging_out_withdraws_the_token_at_twitch(twitch):
    keyring, tokens = Keyring(), tokens_for(twitch)
    login = login_at(twitch, keyring, tokens)
    await login.log_out()
    assert login.token() == ""
    assert not twitch.tokens[tokens.access].is_valid
    assert keyring.kept == [Tokens(access="", refresh="")]


@pytest.mark.parametrize("token", ["bad\r\ntoken", "口令", "with space", ""])
async def test_a_token_that_cannot_be_one_is_not_sent(twitch, token):
    login = login_at(twitch, tokens=Tokens(access=token, refresh=""))
    with pytest.raises(SourceFaultError):
        await login.validate()
    assert twitch.asked == []


async def test_an_answer_without_end_is_not_read(twitch, monkeypatch):
    async def flood(request):
        return Response(200, {"data": "x" * (twitch_http.MAX_ANSWER * 4)})

    monkeypatch.setattr(twitch, "answer", flood)
    with pytest.raises(SourceFaultError) as caught:
        await login_at(twitch).ask()
    assert caught.value.fault.code == "source_too_big"


async def test_no_secret_is_logged_or_stands_in_an_address(twitch, caplog):
    caplog.set_level(logging.DEBUG)
    keyring = Keyring()
    login = login_at(twitch, keyring)
    code = await login.ask()
    twitch.approve(code.user_code, "shop")
    first = await login.wait(code)
    await login.renew(first.access)
    await login.validate()
    await twitch.stop()
    with pytest.raises(SourceFaultError) as caught:
        await login.validate()
    await twitch.start()
    told = caplog.text + repr(caught.value) + repr(login) + repr(keyring.kept)
    for secret in (code.device_code, *(t for k in keyring.kept for t in (k.access, k.refresh))):
        assert secret
        assert secret not in told


@pytest.mark.parametrize(
    ("status", "headers", "message", "code", "retry_s"),
    [
        (429, {"ratelimit-reset": str(NOW_MS // 1000 + 30)}, "", "source_too_many", 30),
        (429, {"retry-after": "7"}, "", "source_too_many", 7),
        (429, {"ratelimit-reset": "99999999999999"}, "", "source_too_many", 600),
        (429, {"ratelimit-reset": "soon"}, "", "source_too_many", 0),
        (429, {"ratelimit-reset": "1700007230", "date": "Wed, 15 Nov 2023 00:13:20 GMT"}, "",
         "source_too_many", 30),
        (401, {}, "Missing scope: user:read:chat", "twitch_scope", 0),
        (401, {}, "Invalid OAuth token", "source_logged_out", 0),
        (403, {}, "no", "source_forbidden", 0),
        (503, {}, "", "source_status", 0),
    ],
)  # fmt: skip
def test_a_refusal_of_helix_says_what_to_do(status, headers, message, code, retry_s):
    answer = twitch_http.Answer(status=status, headers=headers, told={"message": message})
    fault = twitch_http.fault_of_answer(answer, NOW_MS)
    assert (fault.code, fault.retry_s) == (code, retry_s)
