"""Settings are kept in their file, secrets in the keyring, and everybody is told at once."""

import pytest

from hostdesk import settings_file
from hostdesk.errors import SettingsError
from hostdesk.seats.protocol import SaveSettings
from hostdesk.secret_store import OBS_PASSWORD, Secrets
from hostdesk.secret_wire import ABSENT
from hostdesk.settings import Room, Settings
from hostdesk.settings_keeper import INBOX_TOKEN, SettingsKeeper, with_room_changed
from hostdesk.text import LOCALES, words

YOUTUBE = Room(room_id="y", platform="youtube", channel="dQw4w9WgXcQ")
TWITCH = Room(room_id="t", platform="twitch", channel="host")


class Vault:
    """A keyring in memory."""

    def __init__(self, **held):
        self.held = {name.replace("__", "."): value for name, value in held.items()}

    def get_password(self, service, name):
        return self.held.get(name)

    def set_password(self, service, name, value):
        self.held[name] = value

    def delete_password(self, service, name):
        del self.held[name]


class NoKeyringError(Exception):
    pass


class NoVault(Vault):
    """This system has no keyring at all."""

    def get_password(self, service, name):
        raise NoKeyringError

    def set_password(self, service, name, value):
        raise NoKeyringError


class Desk:
    """A keeper, its keyring, and what it told the others."""

    def __init__(self, folder, settings=None, vault=None, problem=None):
        self.folder, self.vault, self.used = folder, vault or Vault(), []
        self.store = Secrets(self.vault)
        self.keeper = SettingsKeeper(
            settings or Settings(), problem, self.store, (("douyin", "抖音"),)
        )
        self.keeper.used = lambda settings, renewed: self.used.append((settings, list(renewed)))

    async def save(self, settings, **more):
        return await self.keeper.serve(SaveSettings(settings=settings, **more))

    @property
    def written(self):
        settings, problem = settings_file.load(self.folder)
        assert problem is None
        return settings


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOSTDESK_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


async def test_a_look_changes_nothing(folder):
    desk = Desk(folder, Settings(rooms=(YOUTUBE,)), Vault(y__api_key="k", obs_password="p"))
    now = await desk.keeper.serve(None)
    assert now.settings == Settings(rooms=(YOUTUBE,))
    assert (now.has_password, now.password_is_kept, now.error_code) == (True, True, "")
    assert now.known_secrets == ("y.api_key",)
    assert now.platforms == (("douyin", "抖音"),)
    assert desk.used == []
    assert not folder.exists()


async def test_what_is_saved_is_in_the_file_in_the_keyring_and_in_use(folder):
    desk = Desk(folder)
    wish = Settings(rooms=(YOUTUBE,), shop="小鹿的店")
    now = await desk.save(wish, obs_password="p", secrets={"y.api_key": "k"})
    assert now.settings == wish == desk.written == desk.keeper.settings
    assert desk.vault.held == {"y.api_key": "k", OBS_PASSWORD: "p"}
    assert desk.used == [(wish, ["y"])]
    assert "k" not in (now.known_secrets, now.inbox_token)
    assert folder.stat().st_mode & 0o077 == 0, "nobody else may look into it"


async def test_secrets_leave_with_their_room(folder):
    vault = Vault(y__api_key="k", t__token="a", t__refresh="b", obs_password="p")
    desk = Desk(folder, Settings(rooms=(YOUTUBE, TWITCH)), vault)
    await desk.save(Settings(rooms=(YOUTUBE,)))
    assert vault.held == {"y.api_key": "k", OBS_PASSWORD: "p"}
    now = await desk.save(Settings(), secrets={"y.api_key": "written just before"})
    assert vault.held == {OBS_PASSWORD: "p"}
    assert now.known_secrets == ()


async def test_an_empty_secret_is_forgotten_and_none_stays_as_it_was(folder):
    vault = Vault(y__api_key="k", obs_password="p")
    desk = Desk(folder, Settings(rooms=(YOUTUBE,)), vault)
    now = await desk.save(Settings(rooms=(YOUTUBE,)))
    assert now.has_password
    now = await desk.save(Settings(rooms=(YOUTUBE,)), obs_password="", secrets={"y.api_key": ""})
    assert (now.has_password, now.known_secrets, vault.held) == (False, (), {})


@pytest.mark.expects_log
async def test_without_a_keyring_secrets_hold_for_this_run_and_that_is_said(folder):
    desk = Desk(folder, vault=NoVault())
    now = await desk.save(Settings(rooms=(YOUTUBE,)), secrets={"y.api_key": "k"})
    assert (now.password_is_kept, now.keyring_error, now.error_code) == (False, ABSENT, "")
    assert now.known_secrets == ("y.api_key",)
    assert await desk.store.get("y.api_key") == "k"


async def test_the_inbox_gets_a_token_once_and_shows_it_only_while_it_is_open(folder):
    desk = Desk(folder)
    first = await desk.save(Settings(inbox=True))
    assert len(first.inbox_token) >= 24
    assert desk.vault.held == {INBOX_TOKEN: first.inbox_token}
    assert (await desk.save(Settings(inbox=True, inbox_port=9000))).inbox_token == first.inbox_token
    assert (await desk.save(Settings())).inbox_token == ""
    assert (await desk.save(Settings(inbox=True))).inbox_token == first.inbox_token
    other = Desk(folder, Settings(inbox=True))
    await other.keeper.make_token()
    assert other.vault.held[INBOX_TOKEN] != first.inbox_token, "each system has its own"


@pytest.mark.expects_log
async def test_a_token_that_may_lie_in_a_locked_keyring_is_not_written_over(folder):
    desk = Desk(folder, Settings(inbox=True), NoVault())
    await desk.keeper.make_token()
    assert len((await desk.keeper.serve(None)).inbox_token) >= 24
    assert desk.vault.held == {}


@pytest.mark.parametrize("why", ["a folder is in the way", "no text"])
async def test_settings_that_cannot_be_written_change_nothing_and_say_so(folder, why):
    before = Settings(shop="以前的店")
    desk = Desk(folder, before)
    wish = Settings(shop="\ud800" if why == "no text" else "新的店")
    if why != "no text":
        (folder / settings_file.NAME).mkdir(parents=True)
    now = await desk.save(wish, secrets={"y.api_key": "k"})
    assert now.error_code == "settings_unkept"
    assert now.settings == before == desk.keeper.settings
    assert desk.used == []
    assert desk.vault.held == {}
    for locale in LOCALES:
        message, hint = words(locale).error(now.error_code, now.params)
        assert str(folder) in message
        assert hint


async def test_a_broken_settings_file_is_told_until_it_is_saved_anew(folder):
    problem = SettingsError(path="settings.toml", detail="line 1")
    desk = Desk(folder, problem=problem)
    assert (await desk.keeper.serve(None)).error_code == "settings"
    assert (await desk.save(Settings())).error_code == ""
    assert (await desk.keeper.serve(None)).error_code == ""


async def test_a_room_of_a_platform_that_is_not_known_troubles_nobody(folder):
    odd = Room(room_id="o", platform="myspace")
    desk = Desk(folder, Settings(rooms=(odd,)))
    assert (await desk.keeper.serve(None)).known_secrets == ()
    assert (await desk.save(Settings())).error_code == ""


def test_one_field_of_one_room_is_changed():
    settings = Settings(rooms=(YOUTUBE, TWITCH), shop="店")
    changed = with_room_changed(settings, "t", expected="42", is_on=False)
    assert changed.rooms[0] is YOUTUBE
    assert (changed.rooms[1].expected, changed.rooms[1].is_on) == ("42", False)
    assert changed.shop == "店"
    assert with_room_changed(settings, "nobody", name="x") == settings
