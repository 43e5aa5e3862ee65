"""What is said and done in a room's chat: 3 s to take it back, seen only on the echo."""

import pytest

from hostdesk.commands import ActInChat
from hostdesk.content.counsel import load_counsel
from hostdesk.desk.chat import ECHO_MS, MAX_TEXT, UNDO_MS
from hostdesk.desk.desk import Desk
from hostdesk.errors import AskRefusedError
from hostdesk.events import (
    ChatAsked,
    ChatUndone,
    CommandDone,
    CommandFailed,
    Comment,
    ShowOpened,
    ShowResumed,
    SourceState,
    Tick,
)
from hostdesk.findings import Label, Lane, Verdict

COUNSEL = load_counsel()
T = 1_000_000


def opened(**more):
    show = ShowOpened(at_ms=T, show_id="s", title="t", version="0", zone_offset_min=480, **more)
    return Desk(show, COUNSEL)


@pytest.fixture
def desk():
    made = opened()
    made.receive(SourceState(at_ms=T, source_id="tw", state="live", can_speak=True))
    return made


def ask(act="say", at_ms=T, **fields):
    fields = {"room_id": "tw", **fields}
    if act in ("say", "announce", "pin"):
        fields.setdefault("text", "正在查")
    return ChatAsked(at_ms=at_ms, act=act, **fields)


def newest(desk):
    return desk.chat.panel.rows[0]


def said(text, at_ms, source_id="tw", author="a"):
    return Comment(at_ms=at_ms, source_id=source_id, author_id=author, text=text)


def sent(desk, act="say"):
    """Words that are on their way."""
    assert desk.receive(ask(act)) == []
    [command] = desk.receive(Tick(at_ms=T + UNDO_MS))
    return command


def test_words_wait_three_seconds_and_then_go_once(desk):
    assert desk.receive(ask()) == []
    assert newest(desk).phase == "waiting"
    assert desk.receive(Tick(at_ms=T + UNDO_MS - 1)) == []
    [command] = desk.receive(Tick(at_ms=T + UNDO_MS))
    assert isinstance(command, ActInChat)
    assert (command.room_id, command.act, command.text) == ("tw", "say", "正在查")
    assert desk.receive(Tick(at_ms=T + UNDO_MS + 1000)) == []


def test_what_waits_can_be_taken_back_and_is_never_sent(desk):
    desk.receive(ask())
    desk.receive(ChatUndone(at_ms=T + 1000, chat_id=newest(desk).chat_id))
    assert newest(desk).phase == "undone"
    assert desk.receive(Tick(at_ms=T + UNDO_MS)) == []


def test_what_is_sent_cannot_be_taken_back(desk):
    command = sent(desk)
    with pytest.raises(AskRefusedError) as refused:
        desk.receive(ChatUndone(at_ms=T + UNDO_MS, chat_id=command.command_id))
    assert refused.value.params["reason"] == "chat_sent"


def test_it_is_in_the_chat_only_on_the_echo(desk):
    command = sent(desk)
    desk.receive(CommandDone(at_ms=T + 4000, command_id=command.command_id))
    assert newest(desk).phase == "done"
    desk.receive(said("正在查", T + 4100, source_id="other"))
    desk.receive(said("别的话", T + 4100))
    assert newest(desk).phase == "done"
    desk.receive(said("正在查", T + 4200))
    assert newest(desk).phase == "seen"


def test_where_the_echo_does_not_come_it_is_said_and_a_late_one_counts(desk):
    command = sent(desk)
    desk.receive(CommandDone(at_ms=T + 4000, command_id=command.command_id))
    desk.receive(Tick(at_ms=T + 4000 + ECHO_MS - 1))
    assert newest(desk).phase == "done"
    desk.receive(Tick(at_ms=T + 4000 + ECHO_MS))
    assert newest(desk).phase == "unseen"
    desk.receive(said("正在查", T + 60_000))
    assert newest(desk).phase == "seen"


def test_an_announcement_has_no_echo_to_wait_for(desk):
    command = sent(desk, "announce")
    desk.receive(CommandDone(at_ms=T + 4000, command_id=command.command_id))
    desk.receive(Tick(at_ms=T + 60_000))
    assert newest(desk).phase == "done"


def test_a_refusal_is_shown_with_its_reason(desk):
    command = sent(desk)
    desk.receive(
        CommandFailed(
            at_ms=T + 4000,
            command_id=command.command_id,
            error_code="helix_dropped",
            params={"reason": "twitch_msg_duplicate"},
        )
    )
    row = newest(desk)
    assert (row.phase, row.error_code) == ("failed", "helix_dropped")


@pytest.mark.parametrize("act", ["unpin", "shield_on", "shield_off"])
def test_keys_that_were_held_act_at_once(desk, act):
    [command] = desk.receive(ask(act, confirmed=True))
    assert command.act == act


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (ask(room_id="nowhere"), "chat_room"),
        (ask(text=" "), "chat_empty"),
        (ask(text="长" * (MAX_TEXT + 1)), "chat_long"),
        (ask(text="补发{product}"), "slots_missing"),
        (ask("shield_on"), "needs_hold"),
        (ask("delete", comment_id="c", author_id="a"), "needs_hold"),
        (ask("time_out", confirmed=True), "chat_nobody"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(desk, wrong, reason):
    with pytest.raises(AskRefusedError) as refused:
        desk.receive(wrong)
    assert refused.value.params["reason"] == reason
    assert not desk.chat.panel.rows


def test_nobody_speaks_where_nobody_is_logged_in(desk):
    desk.receive(SourceState(at_ms=T, source_id="tw", state="live"))
    with pytest.raises(AskRefusedError) as refused:
        desk.receive(ask())
    assert refused.value.params["reason"] == "chat_login"


@pytest.mark.parametrize("act", ["delete", "time_out"])
def test_somebody_who_waits_for_an_answer_is_not_silenced(desk, act):
    comment = said("洗一次就起球 什么垃圾", T, author="buyer")
    verdict = Verdict(seq=3, labels=(Label.COMPLAINT,), lane=Lane.ANSWER, topic="pilling")
    desk.receive(comment)
    desk.judged(comment, [verdict])
    with pytest.raises(AskRefusedError) as refused:
        desk.receive(ask(act, comment_id="c", author_id="buyer", confirmed=True))
    assert refused.value.params["reason"] == "chat_buyer"
    [command] = desk.receive(ask(act, comment_id="c", author_id="troll", confirmed=True))
    assert (command.act, command.comment_id, command.author_id) == (act, "c", "troll")


def test_after_a_crash_nothing_is_sent_twice(desk):
    desk.receive(ask())
    assert desk.receive(ShowResumed(at_ms=T + 500, after="crash")) == []
    assert newest(desk).error_code == "interrupted"
    assert desk.receive(Tick(at_ms=T + UNDO_MS)) == []


def test_in_a_rehearsal_nobody_waits_for_an_echo():
    desk = opened(rehearsal=True)
    desk.receive(SourceState(at_ms=T, source_id="tw", state="live", can_speak=True))
    command = sent(desk)
    desk.receive(CommandDone(at_ms=T + 4000, command_id=command.command_id))
    desk.receive(Tick(at_ms=T + 60_000))
    assert newest(desk).phase == "done"
