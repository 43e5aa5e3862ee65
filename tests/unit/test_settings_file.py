"""What is saved is what is read, and a broken file never stops a show."""

import pytest
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from hostdesk import settings_file
from hostdesk.errors import SettingsError
from hostdesk.settings import Room, Settings

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
rooms = st.builds(
    Room,
    room_id=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,30}", fullmatch=True),
    platform=st.sampled_from(["bilibili", "twitch", "youtube"]),
    name=words,
    channel=words,
    budget=st.integers(100, 10_000_000),
    is_on=st.booleans(),
)


@given_settings(max_examples=40)
@given(shop=words, kept=st.lists(rooms, max_size=4), port=st.integers(1, 65535))
def test_settings_and_rooms_come_back_as_they_were(tmp_path_factory, shop, kept, port):
    folder = tmp_path_factory.mktemp("settings")
    pages = ("https://live.kuaishou.com", f"http://localhost:{port}")[: len(kept)]
    settings = Settings(
        shop=shop, rooms=tuple(kept), inbox=True, inbox_port=port, inbox_origins=pages
    )
    settings_file.save(folder, settings)
    assert settings_file.load(folder) == (settings, None)


@pytest.mark.parametrize(
    "text",
    [
        "rooms = 3",
        "[[rooms]]\nroom_id = '../x'\nplatform='twitch'",
        "obs_port = 0",
        "\xff[",
        "inbox_origins = ['*']",
    ],
)
def test_a_file_that_cannot_be_used_gives_the_defaults_and_a_reason(tmp_path, text):
    (tmp_path / "settings.toml").write_text(text, encoding="latin-1")
    settings, problem = settings_file.load(tmp_path)
    assert settings == Settings()
    assert isinstance(problem, SettingsError)
