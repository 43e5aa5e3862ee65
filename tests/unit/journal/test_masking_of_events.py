"""Every field of every event and command, and what becomes of it in a masked export.

A new field, or a new kind, fails here until somebody has decided what it is.
"""

import json
from typing import get_args

import msgspec
import pytest
from msgspec import inspect

from hostdesk.commands import AnyCommand
from hostdesk.events import AnyEvent, Removed
from hostdesk.journal.export import export_show
from hostdesk.journal.masking import Mask, people
from hostdesk.journal.show_file import ShowJournal

from .conftest import opened_as, said

SALT = bytes(range(32))
WHO, NAME, PHONE = "viewer-4711", "张小鹿同学", "13812345678"
QUOTED = f"{NAME}说她的手机是{PHONE}，帐号{WHO}"

HIDDEN_AS = {
    "an id of this export": """
        comment.author_id comment.comment_id comment.reply_to comment.source_id gap.source
        gift.author_id member.author_id join.author_id like.author_id
        removed.comment_id removed.author_id removed.source_id source_state.source_id
        chat_asked.room_id chat_asked.comment_id chat_asked.author_id
        act_in_chat.room_id act_in_chat.comment_id act_in_chat.author_id
    """,
    "a viewer's number": """
        comment.author_name gift.author_name member.author_name join.author_name like.author_name
        chat_asked.author_name
    """,
    "words without people": """
        comment.text comment.badges gift.name member.name host_said.text stream.reason
        show_opened.promises notice_asked.text reply_used.text chat_asked.text
        card_settled.reason promise_settled.reason on_air_set.product
        show_notice.text act_in_chat.text
    """,
    "nothing": """
        comment.order comment.has_order source_state.room source_state.params obs_state.scene
        obs_state.params obs_state.recording show_opened.title show_opened.contact
        show_opened.recording show_opened.learned command_failed.params start_show_asked.title
    """,
}
KEPT = """
    comment.platform gift.platform member.platform join.platform like.platform removed.platform
    source_state.platform source_state.error_code source_state.masked source_state.can_speak
    show_opened.platform show_opened.show_id show_opened.version show_opened.locale
    show_opened.model_hash show_opened.content_hash show_opened.settings_hash
    show_opened.rehearsal obs_state.linked obs_state.streaming obs_state.obs_version
    obs_state.error_code notice_proof.notice_id notice_proof.seen
    notice_asked.template_id notice_asked.confirmed
    reply_used.reply_id reply_used.card_id chat_asked.confirmed chat_undone.chat_id
    card_chosen.card_id card_settled.card_id card_restored.card_id
    plan_opened.plan_id plan_opened.card_id step_ticked.step_id step_ticked.done
    promise_settled.promise_id promise_settled.kept command_failed.error_code
    show_notice.notice_id show_notice.locale show_notice.platform hide_notice.notice_id
"""
"""What hostdesk or the platform's name for itself says: nobody can be told from it."""

TYPES = [inspect.type_info(each) for each in get_args(AnyEvent | AnyCommand)]
EVERYWHERE = {"at_ms", "ask_id", "seat", "command_id"}
PLAIN = (inspect.IntType, inspect.FloatType, inspect.NoneType)


def tells_nobody(field_type, name):
    """Numbers, and words of a fixed list that are no hint at an order."""
    if isinstance(field_type, inspect.UnionType):
        return all(tells_nobody(each, name) for each in field_type.types)
    return isinstance(field_type, (*PLAIN, inspect.LiteralType)) and name != "order"


FIELDS = {
    f"{each.tag}.{field.name}": field
    for each in TYPES
    for field in each.fields
    if field.name not in EVERYWHERE and not tells_nobody(field.type, field.name)
}


def test_of_every_field_somebody_decided_what_a_masked_export_makes_of_it():
    decided = [*KEPT.split(), *(name for names in HIDDEN_AS.values() for name in names.split())]
    assert len(decided) == len(set(decided))
    assert set(FIELDS) - set(decided) == set(), "new fields: may they leave this machine?"
    assert set(decided) - set(FIELDS) == set()


def filled(field):
    """A value that names a viewer, in the shape of the field."""
    match field.type:
        case inspect.BoolType():
            return True
        case inspect.LiteralType(values=values):
            return values[-1]
        case inspect.DictType():
            return {"who": QUOTED}
        case inspect.VarTupleType(item_type=inspect.StrType()):
            return (QUOTED,)
        case inspect.VarTupleType():
            return ({"promise_id": "promise-1", "text": QUOTED, "due_ms": 1},)
        case inspect.UnionType(types=types) if not any(
            isinstance(each, inspect.StrType) for each in types
        ):
            return True
        case _:
            return {"author_id": WHO, "author_name": NAME}.get(field.name, QUOTED)


def masked(name):
    """The field as it leaves, or None where it does not."""
    tag, _, key = name.partition(".")
    mask = Mask(SALT, "zh")
    mask.knows(WHO, NAME)
    return mask.row({"kind": tag, "at_ms": 1, "author_id": WHO, key: filled(FIELDS[name])}).get(key)


def cases(way):
    return pytest.mark.parametrize("name", HIDDEN_AS[way].split())


@cases("an id of this export")
def test_an_id_leaves_as_an_id_of_this_export(name):
    value = filled(FIELDS[name])
    assert masked(name) == Mask(SALT, "zh").identity(value) != value


@cases("a viewer's number")
def test_a_name_leaves_as_a_number(name):
    assert masked(name) == "观众1"


@cases("words without people")
def test_words_leave_without_the_people_in_them(name):
    told = json.dumps(masked(name), ensure_ascii=False)
    assert "观众1说她的手机是" in told
    assert not [each for each in (WHO, NAME, PHONE) if each in told]


@cases("nothing")
def test_what_tells_of_the_shop_or_of_a_buyer_does_not_leave(name):
    assert masked(name) is None


@pytest.mark.parametrize("name", KEPT.split())
def test_what_hostdesk_wrote_itself_is_kept(name):
    assert masked(name) == msgspec.to_builtins(filled(FIELDS[name]))


def test_who_was_removed_is_the_same_viewer_as_in_the_comments(tmp_path):
    show, out = tmp_path / "a.hostdesk", tmp_path / "a.jsonl"
    journal = ShowJournal.create(show, opened_as())
    comment = said("骗子", author_id=WHO, author_name=NAME, source_id="inbox:douyin/小鹿的店")
    gone = Removed(
        at_ms=comment.at_ms + 1, comment_id=comment.comment_id, author_id=WHO,
        source_id=comment.source_id,
    )  # fmt: skip
    never_spoke = Removed(at_ms=comment.at_ms + 2, author_id="viewer-0815", reason="banned")
    about = said("viewer-0815 去哪了", 5)
    journal.append([opened_as()], 0)
    journal.append([comment, gone, never_spoke, about], None)
    journal.close()
    export_show(show, out, masked=True, salt=SALT)
    _, first, removed, _, last = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    same = ("author_id", "comment_id", "source_id")
    assert [first[key] for key in same] == [removed[key] for key in same]
    assert last["text"] == "观众2 去哪了"
    for secret in (WHO, NAME, "小鹿", "0815"):
        assert secret not in out.read_text(encoding="utf-8")


def test_everybody_with_an_id_is_known_to_the_mask_also_without_a_name():
    assert list(people([Removed(at_ms=1, author_id=WHO)])) == [(WHO, "")]
