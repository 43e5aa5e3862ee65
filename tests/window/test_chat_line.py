"""Sending to a room's chat: who it is for, 3 s to take it back, what became of it."""

import pytest
from PySide6.QtCore import Qt

from hostdesk.desk.rows import AdvicePanel, ChatPanel, ChatRow, SourceRow, Suggestion
from hostdesk.text import LOCALES, words
from hostdesk.views.advice_panel import AdvicePanelView

T = 1_000_000
SPEAKS = SourceRow(
    source_id="tw", state="live", last_ms=T, platform="twitch", room="host", can_speak=True
)
READS = SourceRow(source_id="bi", state="live", last_ms=T, platform="bilibili", room="7")
SUGGESTED = Suggestion(
    reply_id="r", intent="i", tone="calm", say="正在查", chat="正在查，两分钟内回大家", card=""
)


@pytest.fixture
def advice(qtbot):
    made = AdvicePanelView(words("zh"))
    qtbot.addWidget(made)
    made.resize(420, 300)
    made.show()
    made.show_panel(AdvicePanel(revision=1, card_id="c", suggestions=(SUGGESTED,)))
    return made


def row(phase, **fields):
    fields = {"act": "say", "text": "正在查", "due_ms": T + 3000, **fields}
    return ChatRow(chat_id="chat-1", room_id="tw", phase=phase, **fields)


def test_only_rooms_in_which_somebody_may_write_have_a_key_that_names_them(advice, qtbot):
    line = advice.in_chat
    line.show_rooms((READS,))
    assert not line.keys
    line.show_rooms((READS, SPEAKS))
    [key] = line.keys
    assert key.text() == "发到 Twitch · host"
    assert not key.isHidden()
    with qtbot.waitSignal(advice.send_wanted) as wish:
        qtbot.mouseClick(key, Qt.MouseButton.LeftButton)
    assert wish.args == [SUGGESTED, "tw"]
    line.show_rooms((READS,))
    assert not line.keys


def test_ctrl_and_enter_sends_too(advice, qtbot):
    advice.in_chat.show_rooms((SPEAKS,))
    [key] = advice.in_chat.keys
    assert key.shortcut().toString() == "Ctrl+Return"


def test_without_a_sentence_there_is_nothing_to_send(qtbot):
    empty = AdvicePanelView(words("zh"))
    qtbot.addWidget(empty)
    empty.in_chat.show_rooms((SPEAKS,))
    assert empty.in_chat.keys[0].isHidden()


def test_what_waits_counts_down_and_can_be_taken_back(advice, qtbot):
    line = advice.in_chat
    line.show_rooms((SPEAKS,))
    line.show_panel(ChatPanel(revision=1, rows=(row("waiting"),)), T)
    assert line.told.whole.startswith("3 秒后发到 Twitch · host")
    line.show_panel(None, T + 1500)
    assert line.told.whole.startswith("2 秒后")
    with qtbot.waitSignal(line.undo_wanted) as wish:
        qtbot.mouseClick(line.undo, Qt.MouseButton.LeftButton)
    assert wish.args == ["chat-1"]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (row("sending"), "正在发到"),
        (row("done"), "等它出现"),
        (row("seen"), "已出现在"),
        (row("unseen"), "没看到它出现"),
        (row("undone"), "没有发出"),
        (row("done", act="shield_on", text=""), "打开防刷屏模式"),
        (
            row("failed", error_code="helix_dropped", params={"reason": "twitch_msg_duplicate"}),
            "30 秒内发过一样的话",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value.phase,
)
def test_what_became_of_it_is_said_in_words_and_goes_after_a_minute(advice, shown, said):
    line = advice.in_chat
    line.show_panel(ChatPanel(revision=1, rows=(shown,)), T + 4000)
    assert said in line.told.whole
    assert line.undo.isHidden()
    line.show_panel(None, T + 120_000)
    assert line.told.isHidden()


def test_a_rehearsal_says_that_nothing_was_sent(advice):
    panel = ChatPanel(revision=1, rows=(row("done"),), rehearsal=True)
    advice.in_chat.show_panel(panel, T + 4000)
    assert "演练" in advice.in_chat.told.whole


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "phase", ["waiting", "sending", "done", "seen", "unseen", "undone", "rehearsed"]
)
def test_every_state_has_words(locale, phase):
    assert words(locale)(f"chat.phase.{phase}", seconds=1, room="r", what="w")
