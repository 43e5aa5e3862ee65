"""Speaking and moderating at Twitch: what is done, what is refused, and what is never sent."""

import asyncio
import json
import logging
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostdesk.errors import HostdeskError
from hostdesk.outputs import helix_http
from hostdesk.outputs.helix import DROP_REASONS, Person, Pinned, TwitchChannel, person
from hostdesk.outputs.helix_errors import (
    TwitchAwayError,
    TwitchBusyError,
    TwitchDroppedError,
    TwitchError,
    TwitchLoggedOutError,
    TwitchRefusedError,
    TwitchScopeError,
    TwitchTooLongError,
    TwitchUnsureError,
)
from hostdesk.outputs.helix_http import Answer, HelixHttp
from hostdesk.text import LOCALES, words
from tests.fakes.twitch_api import FakeTwitch
from tests.fakes.twitch_wire import Response

ROOM = "1001"


def now_ms():
    return time.time_ns() // 1_000_000


class Desk:
    """A fake Twitch, a login there, and a channel to act in."""

    def __init__(self, twitch):
        self.twitch = twitch
        self.token, _ = twitch.log_in("shop")
        self.renewed = []
        self.http = HelixHttp(
            twitch.client_id, lambda: self.token, now_ms=now_ms, renew=self.renew, api=twitch.url
        )
        self.channel = TwitchChannel(self.http, channel_id=ROOM, user_id=ROOM)

    async def renew(self, stale):
        self.renewed.append(stale)
        self.token = self.twitch.log_in("shop")[0] if self.can_renew else ""
        return self.token

    can_renew = True

    def asked(self, path):
        return [method for method, known in self.twitch.asked if known == f"/helix/{path}"]


@pytest.fixture
async def desk():
    async with FakeTwitch() as twitch:
        made = Desk(twitch)
        yield made
        await made.http.close()


def raw(status, told=None, **headers):
    return Response(
        status, told, {name.replace("_", "-"): value for name, value in headers.items()}
    )


async def test_who_is_who(desk):
    assert await person(desk.http) == Person(user_id=ROOM, login="shop", name="Shop")
    assert (await person(desk.http, "ann")).user_id == "2002"
    assert await person(desk.http, "nobody") is None
    assert await person(desk.http, "不是名字") is None


async def test_a_message_is_sent_and_its_id_is_known(desk):
    message_id = await desk.channel.send("画面卡了，我在")
    assert desk.twitch.messages[message_id] == {"user": ROOM, "text": "画面卡了，我在"}
    viewer = await desk.twitch.say("ann", "什么时候发货")
    answer = await desk.channel.send("48 小时内", reply_to=viewer)
    assert answer in desk.twitch.messages


async def test_500_characters_go_and_501_are_not_sent(desk):
    assert await desk.channel.send("字" * 500)
    with pytest.raises(TwitchTooLongError) as caught:
        await desk.channel.send("字" * 501)
    assert caught.value.params == {"limit": 500, "length": 501}
    with pytest.raises(TwitchTooLongError):
        await desk.channel.announce("字" * 501)
    assert desk.asked("chat/messages") == ["POST"]
    assert desk.asked("chat/announcements") == []


@pytest.mark.parametrize("code", sorted(DROP_REASONS))
async def test_taken_but_not_shown_is_a_failure_with_words(desk, code):
    desk.twitch.drops = [{"code": code, "message": "Twitch's words"}]
    with pytest.raises(TwitchDroppedError) as caught:
        await desk.channel.send("在的")
    for locale in LOCALES:
        say = words(locale)
        message, hint = say.error(caught.value.code, caught.value.params)
        assert say.raw(f"reason.twitch_{code}") in message
        assert hint


@pytest.mark.parametrize(
    ("why", "entry", "reason"),
    [
        ("a reason of next year", {"drop_reason": {"code": "x", "message": "No  cats\n."}},
         "No cats ."),
        ("a code without words", {"drop_reason": {"code": "x", "message": ""}}, "x"),
        ("no reason", {"drop_reason": None}, "twitch_untold"),
        ("nothing", {}, "twitch_untold"),
        ("not even a yes", {"is_sent": None, "drop_reason": []}, "twitch_untold"),
    ],
)  # fmt: skip
async def test_without_a_clear_yes_it_was_not_sent(desk, why, entry, reason):
    desk.twitch.answers = [raw(200, {"data": [{"message_id": "", "is_sent": False} | entry]})]
    with pytest.raises(TwitchDroppedError) as caught:
        await desk.channel.send("在的")
    assert caught.value.params == {"reason": reason}, why
    assert "…" not in words("zh").error(caught.value.code, caught.value.params)[0]


async def test_an_announcement_is_made(desk):
    await desk.channel.announce("补发从今晚开始", "orange")
    with pytest.raises(TwitchRefusedError) as caught:
        await desk.channel.announce("补发", "pink")
    assert caught.value.params["status"] == 400


@pytest.mark.parametrize("takes", [("query", "body"), ("query",), ("body",)])
async def test_a_pin_goes_up_and_down_wherever_twitch_wants_its_fields(desk, takes):
    desk.twitch.pins_take = takes
    message_id = await desk.channel.send("公告")
    assert await desk.channel.pinned() is None
    await desk.channel.pin(message_id, 600)
    assert desk.twitch.pin == {"message_id": message_id, "ends_at": "600"}
    assert await desk.channel.pinned() == Pinned(message_id=message_id, text="公告", ends_at="600")
    tried = len(desk.asked("chat/pins"))
    await desk.channel.pin(message_id, 1_800)
    assert desk.twitch.pin["ends_at"] == "1800"
    assert len(desk.asked("chat/pins")) == tried + 2, "the way that works is remembered"
    await desk.channel.unpin(message_id)
    assert desk.twitch.pin is None


@pytest.mark.parametrize(("asked", "given"), [(1, "30"), (99_999, "1800"), (None, None)])
async def test_a_pin_stays_as_long_as_twitch_allows(desk, asked, given):
    message_id = await desk.channel.send("公告")
    await desk.channel.pin(message_id, asked)
    assert desk.twitch.pin["ends_at"] == given


async def test_a_message_can_be_pinned_as_it_is_sent(desk):
    message_id = await desk.channel.send("公告", is_pinned=True)
    assert (await desk.channel.pinned()).message_id == message_id


async def test_what_is_not_there_is_not_pinned(desk):
    with pytest.raises(TwitchRefusedError) as caught:
        await desk.channel.pin("unknown")
    assert caught.value.params["status"] == 404
    assert desk.asked("chat/pins") == ["PUT"]


async def test_one_message_is_deleted_and_never_the_whole_chat(desk):
    message_id = await desk.twitch.say("bob", "加微信")
    await desk.channel.delete(message_id)
    for act in (desk.channel.delete, desk.channel.pin, desk.channel.unpin, desk.channel.unban):
        with pytest.raises(ValueError, match="no id"):
            await act("")
    assert desk.asked("moderation/chat") == ["DELETE"]


async def test_a_viewer_is_silenced_shut_out_and_let_in_again(desk):
    await desk.channel.time_out("3003", 600, "刷屏")
    assert desk.twitch.bans == {"3003": 600}
    await desk.channel.time_out("3003", 9_999_999)
    assert desk.twitch.bans == {"3003": 1_209_600}
    await desk.channel.ban("3003", "广" * 600)
    assert desk.twitch.bans == {"3003": None}
    with pytest.raises(TwitchRefusedError) as caught:
        await desk.channel.ban("3003")
    assert "already banned" in caught.value.params["reason"]
    await desk.channel.unban("3003")
    assert desk.twitch.bans == {}


async def test_shield_mode_is_what_twitch_says(desk):
    assert not await desk.channel.is_shielded()
    await desk.channel.set_shield(is_on=True)
    assert await desk.channel.is_shielded()
    desk.twitch.answers = [raw(200, {"data": [{"is_active": True}]})]
    with pytest.raises(TwitchRefusedError):
        await desk.channel.set_shield(is_on=False)


# ------------------------------------------------------------------- the login, and limits


async def test_a_lapsed_token_is_renewed_once_and_the_act_is_done(desk):
    old = desk.token
    desk.twitch.lapse(old)
    assert await desk.channel.send("在的")
    assert desk.renewed == [old]


async def test_without_a_login_a_person_must_log_in(desk):
    desk.can_renew = False
    desk.twitch.lapse(desk.token)
    with pytest.raises(TwitchLoggedOutError):
        await desk.channel.send("在的")
    asked = len(desk.twitch.asked)
    with pytest.raises(TwitchLoggedOutError):
        await desk.channel.send("在的")
    assert len(desk.twitch.asked) == asked, "nothing to send it with"


async def test_a_renewed_token_that_is_refused_too_ends_it(desk):
    desk.twitch.answers = [raw(401, {"message": "Invalid OAuth token"}) for _ in range(2)]
    with pytest.raises(TwitchLoggedOutError):
        await desk.channel.send("在的")
    assert len(desk.renewed) == 1


async def test_a_login_that_cannot_be_renewed_now_is_not_called_lost(desk, monkeypatch):
    async def away(stale):
        raise NobodyAnswersError

    class NobodyAnswersError(HostdeskError):
        code = "source"

    monkeypatch.setattr(desk.http, "_renew", away)
    desk.twitch.lapse(desk.token)
    with pytest.raises(TwitchAwayError):
        await desk.channel.send("在的")


async def test_a_right_that_was_not_given_is_no_matter_of_renewing(desk):
    desk.token, _ = desk.twitch.log_in("shop", ("user:write:chat",))
    with pytest.raises(TwitchScopeError):
        await desk.channel.announce("补发")
    assert desk.renewed == []
    assert await desk.channel.send("在的")


async def test_who_is_no_moderator_is_told_so(desk):
    desk.token, _ = desk.twitch.log_in("ann")
    channel = TwitchChannel(desk.http, channel_id=ROOM, user_id="2002")
    with pytest.raises(TwitchRefusedError) as caught:
        await channel.announce("补发")
    assert caught.value.params == {
        "status": 403,
        "reason": "The user is not a moderator of the channel",
    }


async def test_a_short_limit_is_waited_for(desk):
    desk.twitch.answers = [raw(429, {}, Retry_After="0.2")]
    began = time.monotonic()
    assert await desk.channel.send("在的")
    assert time.monotonic() - began >= 0.2


async def test_a_long_limit_is_said_and_nothing_is_sent_meanwhile(desk):
    desk.twitch.points, desk.twitch.reset_s = 1, 40
    assert await desk.channel.send("最后一条")
    with pytest.raises(TwitchBusyError) as caught:
        await desk.channel.send("在的")
    assert 35 <= caught.value.params["seconds"] <= 41
    assert desk.asked("chat/messages") == ["POST"]
    desk.twitch.points = 0
    other = Desk(desk.twitch)
    with pytest.raises(TwitchBusyError):
        await other.channel.send("在的")
    await other.http.close()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Ratelimit_Reset": "99999999999999"}, 600),
        ({"Retry_After": "1e9"}, 600),
        ({"Retry_After": "nan"}, 1),
        ({"Ratelimit_Reset": "1700007230", "Date": "Wed, 15 Nov 2023 00:13:20 GMT"}, 30),
    ],
)
async def test_however_long_twitch_wants_it_is_told_in_seconds(desk, headers, seconds):
    desk.twitch.answers = [raw(429, {}, **headers) for _ in range(2)]
    with pytest.raises(TwitchBusyError) as caught:
        await desk.channel.send("在的")
    assert abs(caught.value.params["seconds"] - seconds) <= 1


async def test_twitch_that_is_away_did_nothing(desk):
    desk.twitch.answers = [raw(503, {})]
    with pytest.raises(TwitchAwayError):
        await desk.channel.send("在的")
    await desk.http.close()
    await desk.twitch.stop()
    with pytest.raises(TwitchAwayError):
        await desk.channel.send("在的")
    await desk.twitch.start()


async def test_without_an_answer_nobody_knows_and_that_is_said(desk, monkeypatch):
    monkeypatch.setattr(helix_http, "ANSWER_S", 0.2)

    async def hang(request):
        await asyncio.Event().wait()

    monkeypatch.setattr(desk.twitch, "answer", hang)
    with pytest.raises(TwitchUnsureError):
        await desk.channel.send("在的")
    with pytest.raises(TwitchAwayError):
        await desk.channel.is_shielded()


async def test_no_secret_is_logged_or_stands_in_an_error(desk, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = [desk.token]
    await desk.channel.send("在的")
    desk.twitch.lapse(desk.token)
    await desk.channel.send("在的吗")
    secrets.append(desk.token)
    told = repr(desk.http)
    desk.token = "to\r\nken"
    with pytest.raises(TwitchLoggedOutError) as caught:
        await desk.channel.send("在的")
    told += repr(caught.value) + caplog.text
    for secret in secrets:
        assert secret not in told


def all_errors(kind=TwitchError):
    return [kind, *(each for child in kind.__subclasses__() for each in all_errors(child))]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("error", all_errors(), ids=lambda e: e.code)
def test_every_refusal_says_what_happened_and_what_to_do_now(error, locale):
    assert words(locale).has(f"error.{error.code}.message")
    assert words(locale).has(f"error.{error.code}.hint")


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
VALUES = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.text(max_size=5), LEAVES)
ENTRY = st.dictionaries(
    st.sampled_from(["message_id", "is_sent", "drop_reason", "is_active", "id", "message"]), VALUES
)
BODIES = st.one_of(
    VALUES,
    st.fixed_dictionaries({"data": st.lists(ENTRY | VALUES, max_size=2) | VALUES}),
    st.fixed_dictionaries({"message": VALUES, "error": VALUES}),
)


class Canned(HelixHttp):
    """Answers with the same thing, whatever is asked."""

    def __init__(self, status, body):
        super().__init__("client", lambda: "token", now_ms=now_ms)
        self.answer = Answer(status=status, told=helix_http._read(json.dumps(body).encode()))

    async def _call_as(self, token, method, path, params, json):
        return self.answer


@given(st.sampled_from([200, 202, 204, 400, 401, 403, 404, 409, 422, 500]), BODIES)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_twitch_answers_only_our_own_errors_are_raised(status, body):
    told = []

    async def act():
        http = Canned(status, body)
        channel = TwitchChannel(http, channel_id="1", user_id="1")
        acts = [
            lambda: channel.send("a"),
            lambda: channel.pin("m", 60),
            channel.pinned,
            channel.is_shielded,
            lambda: channel.set_shield(is_on=True),
            lambda: channel.ban("2"),
            lambda: person(http, "ann"),
        ]
        for each in acts:
            try:
                await each()
            except HostdeskError as exc:  # the only kind
                told.append(words("zh").error(exc.code, exc.params))

    asyncio.run(act())
    assert all(message and hint for message, hint in told)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_read_or_dropped(body):
    assert isinstance(helix_http._read(body), dict)
