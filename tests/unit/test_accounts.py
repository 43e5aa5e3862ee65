"""One login for each room, shared by who reads and who speaks; its tokens kept at once."""

import pytest

from hostdesk.accounts import Accounts, address, chat_address, events_address
from hostdesk.seats.protocol import LoginWanted, LogoutWanted
from hostdesk.settings import Room, Settings
from hostdesk.sources.twitch_device import Tokens

ROOM = Room(room_id="t", platform="twitch", channel="host", client_id="client")
TOKENS = {"token": "a", "refresh": "r"}


class Store:
    """A keyring in memory."""

    def __init__(self, **known):
        self.known = known

    async def get_many(self, names):
        return {name: self.known.get(name, "") for name in names}

    async def set_many(self, values):
        self.known.update(values)
        return True


def test_who_reads_and_who_speaks_share_one_login():
    accounts = Accounts(Store(), int)
    assert accounts.of(ROOM, TOKENS) is accounts.of(ROOM, TOKENS)


@pytest.mark.parametrize(
    ("room", "secrets"),
    [
        (ROOM, {"token": "b", "refresh": "r"}),
        (Room(room_id="t", platform="twitch", client_id="other"), TOKENS),
        (Room(room_id="t", platform="twitch", client_id="client", url="https://other"), TOKENS),
    ],
    ids=["other tokens", "another application", "another address"],
)
def test_what_a_person_changed_makes_another_login(room, secrets):
    accounts = Accounts(Store(), int)
    assert accounts.of(ROOM, TOKENS) is not accounts.of(room, secrets)


async def test_new_tokens_are_in_the_keyring_at_once():
    store = Store()
    login = Accounts(store, int).of(ROOM, TOKENS)
    await login._take(Tokens(access="new", refresh="newer"))
    assert store.known == {"t.token": "new", "t.refresh": "newer"}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("", ("", "", "")),
        ("wss://relay.example", ("", "", "wss://relay.example")),
        (
            "http://127.0.0.1:9",
            ("http://127.0.0.1:9", "ws://127.0.0.1:9/ws", "ws://127.0.0.1:9/irc"),
        ),
        ("https://a.example/", ("https://a.example", "wss://a.example/ws", "wss://a.example/irc")),
        ("http://far.example", ("", "", "http://far.example")),
    ],
)
def test_a_token_goes_nowhere_unencrypted_but_on_this_machine(url, found):
    room = Room(room_id="t", platform="twitch", url=url)
    assert (address(room), events_address(room), chat_address(room)) == found


@pytest.mark.parametrize(
    ("room", "code", "reason"),
    [
        (Room(room_id="t", platform="youtube"), "login_impossible", "login_platform"),
        (Room(room_id="t", platform="twitch", channel="x"), "login_impossible", "login_client"),
        (Room(room_id="other", platform="twitch"), "source_unknown", None),
    ],
)
async def test_where_nobody_can_log_in_it_is_said(room, code, reason):
    accounts, settings = Accounts(Store(), int), Settings(rooms=(room,))
    [told] = [told async for told in accounts.serve(LoginWanted(room_id="t"), settings)]
    assert (told.step, told.error_code, told.params.get("reason")) == ("failed", code, reason)


async def test_logging_out_forgets_the_tokens_even_if_twitch_is_away():
    store = Store(**{"t.token": "a", "t.refresh": "r"})
    room = Room(room_id="t", platform="twitch", client_id="client", url="http://127.0.0.1:9")
    accounts, settings = Accounts(store, int), Settings(rooms=(room,))
    [told] = [told async for told in accounts.serve(LogoutWanted(room_id="t"), settings)]
    assert told.step == "out"
    assert not any(store.known.values())
