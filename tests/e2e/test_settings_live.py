"""Settings travel over the link: kept in the file, a password only in the keyring (or this run)."""

import pytest

from hostdesk import settings_file
from hostdesk.seats.protocol import SaveSettings, SettingsNow, SettingsWanted, encode
from hostdesk.settings import Settings
from tests.e2e.engine_process import EngineProcess

pytestmark = pytest.mark.e2e
SECRET = "nobody-reads-this-42"


def test_saved_settings_hold_and_the_password_is_nowhere_on_disk(tmp_path):
    data = tmp_path / "data"
    desk = EngineProcess(data, "--stay", home=data)
    desk.start()
    try:
        with desk.seat() as seat:
            seat.socket.send(encode(SettingsWanted()))
            first = seat.next(SettingsNow)
            assert first.settings == Settings()
            assert not first.has_password
            wish = Settings(platform="bilibili", obs_port=4999, contact="店铺客服")
            seat.socket.send(encode(SaveSettings(settings=wish, obs_password=SECRET)))
            now = seat.next(SettingsNow)
            assert now.settings == wish
            assert now.has_password
            assert not now.password_is_kept, "this machine has no keyring, and says so"
    finally:
        desk.stop()
    assert settings_file.load(data) == (wish, None)
    for file in data.rglob("*"):
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file
