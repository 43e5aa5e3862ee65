"""The settings page and the show's own buttons: what was asked, and nothing else."""

import pytest
from PySide6.QtCore import Qt

from hostdesk.desk.rows import StatusPanel
from hostdesk.settings import Settings
from hostdesk.text import words
from hostdesk.views.settings_panel import SettingsPage
from hostdesk.views.show_bar import ShowBar

PLATFORMS = (("douyin", "抖音"), ("bilibili", "B站"))


@pytest.fixture
def page(qtbot):
    made = SettingsPage(words("zh"))
    qtbot.addWidget(made)
    told = Settings(platform="bilibili", obs_port=4460, contact="订单页客服")
    made.show_settings(told, has_password=True, is_kept=False, platforms=PLATFORMS, trouble="")
    return made


def saved(page, qtbot):
    with qtbot.waitSignal(page.save_wanted) as wish:
        qtbot.mouseClick(page.save, Qt.MouseButton.LeftButton)
    return wish.args


def test_what_is_not_touched_stays_as_it_was(page, qtbot):
    settings, password = saved(page, qtbot)
    assert settings == Settings(platform="bilibili", obs_port=4460, contact="订单页客服")
    assert password is None


def test_a_password_is_sent_only_when_one_was_typed_and_is_never_shown(page, qtbot):
    assert page.password.text() == ""
    qtbot.keyClicks(page.password, "geheim")
    assert saved(page, qtbot)[1] == "geheim"
    assert "geheim" not in page.password.displayText()


def test_it_says_when_a_password_does_not_outlive_this_run(page):
    assert page.told.text() == words("zh")("settings.password_run")


def test_start_and_end_are_offered_when_they_can_be_done(qtbot):
    bar = ShowBar(words("zh"))
    qtbot.addWidget(bar)
    bar.show()
    bar.show_status(StatusPanel())
    assert (bar.start.isVisible(), bar.end.isVisible()) == (True, False)
    bar.show_status(StatusPanel(show_id="s"))
    assert (bar.start.isVisible(), bar.end.isVisible()) == (False, True)
    with qtbot.assertNotEmitted(bar.end_wanted, wait=50):
        qtbot.mouseClick(bar.end, Qt.MouseButton.LeftButton)


def test_the_product_on_air_is_asked_once(qtbot):
    bar = ShowBar(words("zh"))
    qtbot.addWidget(bar)
    bar.show_status(StatusPanel(show_id="s"))
    qtbot.keyClicks(bar.number, "12")
    with qtbot.waitSignal(bar.on_air_wanted) as asked:
        qtbot.keyClick(bar.number, Qt.Key.Key_Return)
    assert asked.args == [12, ""]
    with qtbot.assertNotEmitted(bar.on_air_wanted, wait=50):
        qtbot.keyClick(bar.number, Qt.Key.Key_Return)
