"""Each platform that can be added is built as what it is, with what its room says."""

import subprocess
import sys

import pytest

from hostdesk.accounts import Accounts
from hostdesk.settings import INBOX, PLATFORMS, Room
from hostdesk.source_building import builder

SECRETS = {
    "bilibili": {"code": "hush-code", "key_id": "hush-id", "key_secret": "hush-secret"},
    "twitch": {"token": "hush-token", "refresh": "hush-refresh"},
    "youtube": {"api_key": "hush-key"},
    "barrage_grab": {},
    INBOX: {"token": "hush-inbox"},
}
ROOMS = {
    "bilibili": Room(room_id="r", platform="bilibili", app_id="1700000000001"),
    "twitch": Room(room_id="r", platform="twitch", channel="host"),
    "youtube": Room(room_id="r", platform="youtube", channel="dQw4w9WgXcQ"),
    "barrage_grab": Room(room_id="r", platform="barrage_grab"),
    INBOX: Room(room_id=INBOX, platform=INBOX, url="8765"),
}
KINDS = {
    "bilibili": "BilibiliRoom",
    "twitch": "TwitchRoom",
    "youtube": "YouTubeRoom",
    "barrage_grab": "BarrageGrabRoom",
    INBOX: "Inbox",
}


def made(platform, *, without=(), **fields):
    known = {**{name: getattr(ROOMS[platform], name) for name in Room.__struct_fields__}, **fields}
    secrets = {name: "" if name in without else value for name, value in SECRETS[platform].items()}
    return builder(Accounts(None, lambda: 1))(Room(**known), secrets, lambda: 1)


def test_every_platform_that_can_be_added_is_in_this_test():
    assert {*PLATFORMS, INBOX} == set(ROOMS)


@pytest.mark.parametrize("platform", sorted(ROOMS))
def test_each_room_is_a_source_of_its_platform_under_its_own_id(platform):
    source = made(platform, without=("token",) if platform == "twitch" else ())
    assert type(source).__name__ == KINDS[platform]
    assert source.source_id == ROOMS[platform].room_id


@pytest.mark.parametrize("platform", sorted(ROOMS))
def test_no_secret_shows_in_what_is_built(platform):
    source = made(platform)
    assert "hush" not in repr(source) + str(source)


@pytest.mark.parametrize(
    ("client_id", "without", "kind"),
    [
        ("", (), "TwitchRoom"),
        ("client", ("token", "refresh"), "TwitchRoom"),
        ("client", (), "TwitchMemberRoom"),
    ],
)
def test_twitch_is_read_with_a_login_where_there_is_one(client_id, without, kind):
    assert type(made("twitch", client_id=client_id, without=without)).__name__ == kind


def test_rooms_that_may_share_a_key_share_the_count_of_its_quota(tmp_path):
    first, second = made("youtube"), made("youtube", room_id="other")
    assert first._protocol.quota._ledger is second._protocol.quota._ledger


def test_a_platform_that_is_not_known_is_not_built():
    with pytest.raises(KeyError):
        builder(Accounts(None, int))(Room(room_id="r", platform="myspace"), {}, lambda: 1)


def test_a_platform_is_loaded_when_a_room_of_it_is_first_read():
    """Megabytes of memory and a part of the start that most shows never need."""
    program = """
import sys
from hostdesk.settings import Room
from hostdesk.accounts import Accounts
from hostdesk.source_building import build
loaded = lambda: {name for name in sys.modules if name.startswith("hostdesk.sources.")}
assert not loaded(), loaded()
room = Room(room_id="t", platform="twitch", channel="host")
build(Accounts(None, int), room, {"token": "", "refresh": ""}, int)
assert "hostdesk.sources.twitch" in loaded()
assert not {"hostdesk.sources.youtube", "hostdesk.sources.bilibili", "httpx"} & set(sys.modules)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
