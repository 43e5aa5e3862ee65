"""What people write about a room becomes a room, or one clear sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.errors import (
    RoomError,
    RoomFieldError,
    RoomIncompleteError,
    RoomSecretError,
    RoomUnknownError,
    RoomUnnamedError,
    RoomValueError,
)
from hostdesk.room_fields import changed_room, free_id, inbox_settings, new_room, room_named
from hostdesk.settings import PLATFORMS, Room, Settings
from hostdesk.text import LOCALES, words

VIDEO = "dQw4w9WgXcQ"
TWITCH = Room(room_id="twitch-1", platform="twitch", channel="host", name="主号")
SETTINGS = Settings(rooms=(TWITCH, Room(room_id="b", platform="bilibili", app_id="7")))


@pytest.mark.parametrize(
    ("platform", "told", "field", "value"),
    [
        ("twitch", ["host"], "channel", "host"),
        ("twitch", ["channel=host"], "channel", "host"),
        ("twitch", ["host", "name=主号"], "name", "主号"),
        ("twitch", ["host", "is_on=false"], "is_on", False),
        ("bilibili", ["1700000000001"], "app_id", "1700000000001"),
        ("bilibili", ["7", "url=http://127.0.0.1:9"], "url", "http://127.0.0.1:9"),
        ("barrage_grab", [], "url", ""),
        ("barrage_grab", ["ws://127.0.0.1:8888"], "url", "ws://127.0.0.1:8888"),
        ("youtube", [VIDEO, "budget=5000"], "budget", 5000),
        ("youtube", [VIDEO], "channel", VIDEO),
        ("youtube", [f"https://www.youtube.com/watch?v={VIDEO}&t=3"], "channel", VIDEO),
        ("youtube", [f"https://youtu.be/{VIDEO}?si=x"], "channel", VIDEO),
        ("youtube", [f"https://www.youtube.com/live/{VIDEO}"], "channel", VIDEO),
        ("youtube", [f"https://studio.youtube.com/video/{VIDEO}/livestreaming"], "channel", VIDEO),
        ("youtube", ["not a video"], "channel", "not a video"),
    ],
)
def test_a_room_is_what_was_written(platform, told, field, value):
    room = new_room(platform, told, "r")
    assert (room.room_id, room.platform, getattr(room, field)) == ("r", platform, value)


@pytest.mark.parametrize(
    ("platform", "told", "error", "params"),
    [
        ("twitch", [], RoomIncompleteError, {"room": "r", "missing": "channel"}),
        ("twitch", ["name=主号"], RoomIncompleteError, {"room": "主号", "missing": "channel"}),
        ("bilibili", ["app_id="], RoomIncompleteError, {"room": "r", "missing": "app_id"}),
        ("twitch", ["host", "extra"], RoomFieldError, {"platform": "twitch", "field": "extra"}),
        ("twitch", ["host", "room_id=x"], RoomFieldError, {"platform": "twitch"}),
        ("twitch", ["host", "token=abc"], RoomSecretError, {"room": "r", "field": "token"}),
        ("bilibili", ["7", "key_secret=s"], RoomSecretError, {"field": "key_secret"}),
        ("youtube", [VIDEO, "budget=x"], RoomValueError, {"field": "budget", "value": "x"}),
        ("youtube", [VIDEO, "budget=1"], RoomValueError, {"field": "budget", "value": "1"}),
        ("twitch", ["host", "is_on=maybe"], RoomValueError, {"field": "is_on"}),
        ("twitch", ["h" * 81], RoomValueError, {"field": "channel", "value": "h" * 40}),
        ("twitch", ["host", "url=foo"], RoomValueError, {"field": "url", "value": "foo"}),
        ("barrage_grab", ["url=https://x"], RoomValueError, {"field": "url"}),
        ("twitch", ["host", "url=ws://[::1"], RoomValueError, {"field": "url"}),
        ("twitch", ["host", "url=ws://x:99999"], RoomValueError, {"field": "url"}),
        ("youtube", [VIDEO, "url=ws://x"], RoomValueError, {"field": "url"}),
        ("barrage_grab", ["8888"], RoomValueError, {"field": "url"}),
    ],
)
def test_what_cannot_be_a_room_is_said_in_words(platform, told, error, params):
    with pytest.raises(error) as caught:
        new_room(platform, told, "r")
    assert params.items() <= caught.value.params.items()
    for locale in LOCALES:
        sentences = words(locale).error(caught.value.code, caught.value.params)
        assert all(len(sentence) > 6 and "{" not in sentence for sentence in sentences)
        assert not any("$" in sentence or "Expected" in sentence for sentence in sentences)


@pytest.mark.parametrize("room_id", ["", "BAD", "a b", "-x", "x" * 32, "房间", "inbox", "inbox-2"])
def test_a_short_name_that_cannot_be_is_refused(room_id):
    with pytest.raises(RoomValueError) as caught:
        new_room("twitch", ["host"], room_id)
    assert caught.value.params["field"] == "id"


def test_a_secret_on_the_command_line_is_not_said_again():
    with pytest.raises(RoomSecretError) as caught:
        changed_room(TWITCH, ["token=hush-hush"])
    for locale in LOCALES:
        assert "hush-hush" not in str(words(locale).error(caught.value.code, caught.value.params))


def test_a_change_keeps_what_it_does_not_name():
    changed = changed_room(TWITCH, ["name=", "expected=42"])
    assert changed == Room(room_id="twitch-1", platform="twitch", channel="host", expected="42")
    assert changed_room(TWITCH, []) == TWITCH


@pytest.mark.parametrize("said", ["twitch-1", "主号", "host"])
def test_a_room_is_known_by_its_id_its_name_and_its_channel(said):
    assert room_named(SETTINGS, [said, "more"], "set") is TWITCH


def test_a_room_that_is_not_there_or_not_named_is_said():
    with pytest.raises(RoomUnknownError):
        room_named(SETTINGS, ["nobody"], "set")
    for nothing in ([], [""]):
        with pytest.raises(RoomUnnamedError):
            room_named(SETTINGS, nothing, "set")


def test_ids_are_given_in_turn():
    assert free_id("twitch", SETTINGS) == "twitch-2"
    assert free_id("barrage_grab", SETTINGS) == "barrage-grab-1"


def test_the_inbox_is_opened_closed_and_moved():
    opened = inbox_settings(SETTINGS, "on", 0)
    assert (opened.inbox, opened.inbox_port, opened.rooms) == (True, 8765, SETTINGS.rooms)
    assert inbox_settings(opened, "off", 0).inbox is False
    assert inbox_settings(opened, "on", 9000).inbox_port == 9000


KUAISHOU = "https://live.kuaishou.com"


@pytest.mark.parametrize(
    ("page", "origin"),
    [
        (KUAISHOU, KUAISHOU),
        (f"{KUAISHOU}/u/3x?from=a#b", KUAISHOU),
        ("HTTPS://Live.Kuaishou.com:443/", KUAISHOU),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://直播.example", "https://xn--z6ut02b.example"),
    ],
)
def test_a_page_may_be_pasted_as_its_whole_address(page, origin):
    assert inbox_settings(SETTINGS, "on", 0, [page, page]).inbox_origins == (origin,)


def test_pages_that_may_push_stay_until_others_are_named():
    named = inbox_settings(SETTINGS, "on", 0, [KUAISHOU])
    assert inbox_settings(named, "off", 9000).inbox_origins == (KUAISHOU,)
    assert inbox_settings(named, "on", 0, ["https://a.example"]).inbox_origins == (
        "https://a.example",
    )
    assert inbox_settings(named, "on", 0, []).inbox_origins == ()


@pytest.mark.parametrize(
    "pages",
    [
        ["live.kuaishou.com"], ["*"], ["https://*"], ["https://*.kuaishou.com"], ["null"], [""],
        ["file:///etc"], ["https://"], ["https://a b"], ["https://a:99999999"], ["https://[::1"],
        ["chrome-extension://*"], ["https://a\n"[:-1] + "\x00"], ["https://\ud800"],
        ["https://" + "a" * 300], [f"https://a{n}.example" for n in range(21)],
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused_in_one_sentence(pages):
    with pytest.raises(RoomValueError) as refused:
        inbox_settings(SETTINGS, "on", 0, pages)
    assert refused.value.params["reason"] == "room_origin"


@pytest.mark.parametrize(("wish", "port"), [("maybe", 0), ("on", 65536), ("on", -1)])
def test_an_inbox_that_cannot_be_is_refused(wish, port):
    with pytest.raises(RoomValueError):
        inbox_settings(SETTINGS, wish, port)


FIELDS = st.sampled_from(["name", "channel", "url", "budget", "is_on", "token", "room_id", "日"])
WORDS = st.text(max_size=100) | st.builds("{}={}".format, FIELDS, st.text(max_size=100))


@given(st.sampled_from(sorted(PLATFORMS)), st.lists(WORDS, max_size=4), st.text(max_size=40))
def test_whatever_is_written_it_is_a_room_or_an_error_with_words(platform, told, room_id):
    try:
        room = new_room(platform, told, room_id)
    except RoomError as exc:
        message, hint = words("zh").error(exc.code, exc.params)
        assert len(message + hint) < 400
        return
    assert room.room_id == room_id
    assert all(getattr(room, name) for name in PLATFORMS[platform].needs)
    assert changed_room(room, []) == room


def test_half_a_character_from_a_command_line_is_refused():
    with pytest.raises(RoomValueError) as caught:
        new_room("twitch", ["\udcff\udcfe"], "r")
    str(words("zh").error(caught.value.code, caught.value.params)).encode()
