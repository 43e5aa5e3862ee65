"""The live rooms of the settings: shown as they are, changed as a person says, keys never shown."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from hostdesk.desk.rows import SourceRow
from hostdesk.settings import PLATFORMS, Login, Room, Settings
from hostdesk.text import LOCALES, words
from hostdesk.views.rooms_panel import RoomsPanel

TWITCH = Room(room_id="twitch-1", platform="twitch", channel="host", name="主号")
BILI = Room(room_id="bilibili-1", platform="bilibili", app_id="7")


@pytest.fixture
def panel(qtbot):
    made = RoomsPanel(words("zh"))
    qtbot.addWidget(made)
    made.resize(420, 600)
    made.show()
    made.show_rooms(Settings(rooms=(TWITCH, BILI)), ("bilibili-1.code",), "")
    return made


def press(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def wished(qtbot, panel, widget):
    with qtbot.waitSignal(panel.wanted) as wish:
        press(qtbot, widget)
    return wish.args


def line(panel, room_id):
    return panel._lines[room_id]


def test_a_room_is_added_once_what_it_needs_is_there(panel, qtbot):
    press(qtbot, panel.add)
    form = panel.form
    form.platform.setCurrentIndex(form.platform.findData("youtube"))
    assert not form.save.isEnabled()
    form.fields["channel"].setText(" abcdefghijk ")
    assert not form.save.isEnabled()
    qtbot.keyClicks(form.secrets["api_key"], "geheim")
    settings, secrets = wished(qtbot, panel, form.save)
    new = settings.rooms[-1]
    assert (new.room_id, new.platform, new.channel) == ("youtube-1", "youtube", "abcdefghijk")
    assert settings.rooms[:2] == (TWITCH, BILI)
    assert secrets == {"youtube-1.api_key": "geheim"}


def test_a_key_that_is_there_needs_not_be_typed_again_and_is_never_shown(panel, qtbot):
    panel.show_rooms(
        Settings(rooms=(BILI,)),
        [f"bilibili-1.{name}" for name in PLATFORMS["bilibili"].secrets],
        "",
    )
    press(qtbot, line(panel, "bilibili-1").change)
    assert {field.text() for field in panel.form.secrets.values()} == {""}
    panel.form.fields["name"].setText("新名字")
    settings, secrets = wished(qtbot, panel, panel.form.save)
    assert settings.rooms[0].name == "新名字"
    assert secrets == {}


def test_a_number_that_is_none_is_said_and_nothing_is_sent(panel, qtbot):
    press(qtbot, panel.add)
    form = panel.form
    form.platform.setCurrentIndex(form.platform.findData("youtube"))
    form.fields["channel"].setText("x")
    form.fields["budget"].setText("viel")
    form.secrets["api_key"].setText("k")
    with qtbot.assertNotEmitted(panel.wanted, wait=50):
        press(qtbot, form.save)
    assert form.hint.text() == words("zh")("room.wrong")


def test_rooms_are_turned_off_and_removed_only_by_holding(panel, qtbot):
    settings, _ = wished(qtbot, panel, line(panel, "twitch-1").switch)
    assert [room.is_on for room in settings.rooms] == [False, True]
    remove = line(panel, "twitch-1").remove
    with qtbot.assertNotEmitted(panel.wanted, wait=50):
        press(qtbot, remove)
    with qtbot.waitSignal(panel.wanted) as wish:
        qtbot.mousePress(remove, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(remove, Qt.MouseButton.LeftButton)
    assert wish.args[0].rooms == (BILI,)


@pytest.mark.parametrize(
    ("state", "again"),
    [("live", False), ("quiet", False), ("refused", True), ("logged_out", True), ("stalled", True)],
)
def test_each_state_has_words_and_retry_where_it_helps(panel, qtbot, state, again):
    code = "source_logged_out" if state == "logged_out" else ""
    row = SourceRow(
        source_id="twitch-1", state=state, last_ms=1, error_code=code, params={"status": 401}
    )
    panel.show_states([row])
    shown = line(panel, "twitch-1")
    assert shown.state.text().startswith(words("zh")(f"status.source.{state}"))
    assert shown.again.isVisible() == again
    if again:
        with qtbot.waitSignal(panel.again_wanted) as wish:
            press(qtbot, shown.again)
        assert wish.args == ["twitch-1"]


OTHER = SourceRow(
    source_id="bilibili-1", state="refused", last_ms=1, error_code="source_other_room",
    params={"asked": "123456", "found": "好物小店 (900001)", "found_id": "900001"},
)  # fmt: skip


def test_another_room_than_asked_is_named_and_a_person_says_whether_it_is_the_one(panel, qtbot):
    bili = line(panel, "bilibili-1")
    assert not bili.is_it.isVisible()
    panel.show_states([OTHER])
    assert "要连 123456，现在是 好物小店 (900001)" in bili.state.text()
    assert (bili.is_it.text(), bili.stop.text()) == ("就是这个直播间", "停用")
    assert bili.is_it.isVisible()
    assert not bili.switch.isVisible(), "停用 is the same key"
    settings, secrets = wished(qtbot, panel, bili.is_it)
    assert settings.rooms[1] == msgspec.structs.replace(BILI, expected="900001")
    assert (settings.rooms[0], secrets) == (TWITCH, {})
    settings, _ = wished(qtbot, panel, bili.stop)
    assert settings.rooms[1] == msgspec.structs.replace(BILI, is_on=False)
    panel.show_states([SourceRow(source_id="bilibili-1", state="live", last_ms=2)])
    assert not bili.is_it.isVisible()
    assert not bili.stop.isVisible()
    assert bili.switch.isVisible()


@pytest.mark.parametrize("found", ["", "x" * 81, "9\n9"])
def test_a_room_that_cannot_be_named_can_only_be_switched_off(panel, found):
    params = {"asked": "123456", "found": found}
    panel.show_states([msgspec.structs.replace(OTHER, params=params)])
    assert not line(panel, "bilibili-1").is_it.isVisible()
    assert line(panel, "bilibili-1").switch.isVisible()


GRAB = Room(room_id="barrage-grab-1", platform="barrage_grab")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_program_that_changes_the_proxy_is_warned_of_when_it_is_added_or_switched_on(
    qtbot, locale
):
    say = words(locale)
    panel = RoomsPanel(say)
    qtbot.addWidget(panel)
    panel.resize(420, 900)
    panel.show()
    press(qtbot, panel.add)
    form = panel.form
    assert not form.warning.isVisible()
    form.platform.setCurrentIndex(form.platform.findData("barrage_grab"))
    assert form.warning.isVisible()
    assert say("inbox.grab_warning") in form.warning.text()
    assert say("inbox.grab_open") in form.warning.text()
    assert form.save.isEnabled(), "it is said, not asked"
    off = msgspec.structs.replace(GRAB, is_on=False)
    panel.show_rooms(Settings(rooms=(off, TWITCH)), (), "")
    assert line(panel, GRAB.room_id).warning.isHidden()
    settings, _ = wished(qtbot, panel, line(panel, GRAB.room_id).switch)
    panel.show_rooms(settings, (), "")
    assert line(panel, GRAB.room_id).warning.text() == say("inbox.grab_warning")
    assert not line(panel, GRAB.room_id).warning.isHidden()
    assert line(panel, "twitch-1").warning.isHidden()


def test_masked_names_are_said(panel):
    panel.show_states([SourceRow(source_id="twitch-1", state="live", last_ms=1, masked=True)])
    assert words("zh")("status.masked") in line(panel, "twitch-1").state.text()


@pytest.mark.parametrize(
    ("state", "code", "more", "said"),
    [
        ("covered", "", {}, "页面被遮住，弹幕可能不全；请把它放到看得见的地方。"),
        ("covered", "", {"page": "list_hidden"}, "请在页面上把它展开"),
        ("refused", "inbox_page_changed", {}, "在扩展里点「选弹幕列表」再指一次"),
        ("logged_out", "inbox_logged_out", {}, "在浏览器里重新登录"),
        ("live", "", {"page": "by_shape"}, "核对一次"),
    ],
)
def test_a_page_that_the_extension_reads_says_how_it_is(panel, state, code, more, said):
    page = SourceRow(
        source_id="inbox:bridge/douyin:7", state=state, last_ms=1, room="抖音 7",
        error_code=code, params=more,
    )  # fmt: skip
    panel.show_states([page])
    assert panel.pushed.isVisible()
    assert panel.pushed.text().startswith(f"抖音 7 · {words('zh')(f'status.source.{state}')}")
    assert said in panel.pushed.text()
    panel.show_states([msgspec.structs.replace(page, state="ended", error_code="")])
    assert not panel.pushed.isVisible()


def test_an_inbox_that_cannot_be_opened_says_why(panel):
    well = SourceRow(source_id="inbox", state="quiet", last_ms=1)
    panel.show_states([well])
    assert not panel.pushed.isVisible()
    taken = {"state": "refused", "error_code": "inbox_port_taken", "params": {"port": 8765}}
    panel.show_states([msgspec.structs.replace(well, **taken)])
    assert panel.pushed.text().startswith("本机收件口 · 被拒绝 · 本机收件口打不开：端口 8765")


def test_the_inbox_shows_where_it_is_and_its_token_only_by_copying(panel, qtbot):
    assert wished(qtbot, panel, panel.inbox)[0].inbox
    panel.show_rooms(Settings(inbox=True, inbox_port=9000), (), "tok-123")
    assert "9000" in panel.inbox_words.text()
    assert "tok-123" not in panel.inbox_words.text()
    assert panel.copy_token.isVisible()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_platform_can_be_added_in_every_language(qtbot, locale, platform):
    panel = RoomsPanel(words(locale))
    qtbot.addWidget(panel)
    panel.form.begin(frozenset())
    panel.form.platform.setCurrentIndex(panel.form.platform.findData(platform))
    kind = PLATFORMS[platform]
    assert set(panel.form.fields) == {"name", *kind.needs, *kind.takes}
    assert set(panel.form.secrets) == {*kind.secrets, *kind.logins}


MEMBER = Room(room_id="tw", platform="twitch", channel="host", client_id="client")
CODE = Login(room_id="tw", step="code", user_code="BCDFGHJK", url="https://x.example")


def test_only_a_room_that_can_log_in_has_the_key(panel):
    assert line(panel, "twitch-1").login is None
    assert line(panel, "bilibili-1").login is None


def test_a_code_is_shown_copied_and_stays_while_other_settings_change(panel, qtbot):
    panel.show_rooms(Settings(rooms=(MEMBER,)), (), "")
    login = line(panel, "tw").login
    assert not login.open_page.isVisible()
    with qtbot.waitSignal(panel.login_wanted) as wish:
        press(qtbot, login.log_in)
    assert wish.args == ["tw", True]
    assert not login.log_in.isEnabled()
    panel.show_login(CODE)
    panel.show_rooms(Settings(rooms=(MEMBER, BILI)), (), "")
    login = line(panel, "tw").login
    assert "BCDFGHJK" in login.told.text()
    assert not login.open_page.isHidden()
    press(qtbot, login.copy_code)
    assert QGuiApplication.clipboard().text() == "BCDFGHJK"


def test_how_a_login_ended_is_said_and_it_can_be_left(panel, qtbot):
    panel.show_rooms(Settings(rooms=(MEMBER,)), ("tw.token",), "")
    login = line(panel, "tw").login
    assert login.log_in.text() == "重新登录"
    panel.show_login(Login(room_id="tw", step="done", login="shop"))
    assert login.told.text() == "已登录：shop"
    panel.show_login(Login(room_id="tw", step="failed", error_code="twitch_denied"))
    assert "没有同意" in login.told.text()
    assert login.log_in.isEnabled()
    with qtbot.waitSignal(panel.login_wanted, timeout=10_000) as wish:
        qtbot.mousePress(login.log_out, Qt.MouseButton.LeftButton)
    assert wish.args == ["tw", False]
    qtbot.mouseRelease(login.log_out, Qt.MouseButton.LeftButton)
