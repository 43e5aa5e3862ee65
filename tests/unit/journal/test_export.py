import json
import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hostdesk.commands import ShowNotice
from hostdesk.errors import DiskFullError, JournalError, RecordingError
from hostdesk.events import (
    CommandDone,
    CommandId,
    Gap,
    Gift,
    Health,
    HostSaid,
    Join,
    Like,
    Member,
    NoticeAsked,
    ObsState,
    Stream,
    Tick,
)
from hostdesk.findings import Finding, Label, Span, Verdict
from hostdesk.journal.export import export_show
from hostdesk.journal.importing import import_events
from hostdesk.journal.masking import Mask
from hostdesk.journal.reader import ShowReader
from hostdesk.journal.show_file import ShowJournal
from hostdesk.sources.recordings import open_recording

from .conftest import START_MS, opened_as, said

SALT = bytes(range(32))
T = START_MS + 10_000

A_SHOW = [
    said("多少钱", 1, has_order=False, author_level=0, badges=("粉丝团",), reply_to="comment-0000"),
    Gift(
        at_ms=T, author_id="viewer-0002", author_name="阿伟", name="小心心", count=3, value_fen=10
    ),
    Member(at_ms=T, author_id="viewer-0002", author_name="阿伟", name="舰长"),
    Join(at_ms=T, author_id="viewer-0003"),
    Like(at_ms=T, author_id="viewer-0003", count=88),
    HostSaid(at_ms=T, text="想要的扣1"),
    Stream(at_ms=T + 1, state="reconnecting", reason="拥塞"),
    Health(at_ms=T + 2, fps=29.5, skipped_ratio=0.0, picture="frozen"),
    Gap(at_ms=T + 3, until_ms=T + 9, source="b"),
]


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def show(journal, show_path):
    journal.append(A_SHOW, None)
    journal.append([NoticeAsked(at_ms=T + 4, text="马上好")], 10)
    shown = ShowNotice(
        command_id=CommandId("command-1"), notice_id="notice-1", notice_kind="note",
        text="马上好", locale="zh", platform="douyin",
    )  # fmt: skip
    journal.issue(11, [shown])
    journal.append([CommandDone(at_ms=T + 5, command_id=CommandId("command-1"))], 10)
    journal.append([Tick(at_ms=T + 6)], None)
    journal.derive([(2, Verdict(seq=2, labels=(Label.QUESTION,)))], "model")
    journal.close()
    return show_path


def test_an_export_is_the_show_in_order_with_what_was_asked_and_concluded(show, tmp_path):
    out = tmp_path / "a.jsonl"
    count = export_show(show, out)
    lines = lines_of(out)
    assert len(lines) == count
    assert [line["at_ms"] for line in lines] == sorted(line["at_ms"] for line in lines)
    kinds = [line["kind"] for line in lines]
    assert kinds == [
        "show_opened", "comment", "verdict", "gift", "member", "join", "like", "host_said",
        "stream", "health", "gap", "notice_asked", "show_notice", "command_done",
    ]  # fmt: skip
    assert lines[1]["has_order"] is False
    assert "sent_ms" not in lines[1]


def test_export_then_import_gives_the_same_events(show, tmp_path):
    out, again = tmp_path / "a.jsonl", tmp_path / "again.hostdesk"
    export_show(show, out)
    recording = open_recording(out)
    count = import_events(again, opened_as(), recording.batches(), ticks=False)
    assert recording.skipped == 0
    assert count == len(A_SHOW)
    with ShowReader(again) as reader:
        events = [event for _, _, event in reader.events()]
        assert reader.is_closed()
    assert events[0] == opened_as()
    assert events[1:-1] == A_SHOW


def test_time_passes_in_an_imported_show_but_not_for_days(tmp_path):
    path = tmp_path / "a.hostdesk"
    far = START_MS + 40 * 86_400_000
    events = [said("一", 500), said("二", 3_700), said("很久以后", 0, at_ms=far)]
    import_events(path, opened_as(), [events[:2], events[2:]])
    with ShowReader(path) as reader:
        assert reader.count("tick") == 4 + 600
        times = [event.at_ms for _, _, event in reader.events()]
        assert times == sorted(times)


def test_an_import_that_fails_leaves_nothing_behind(tmp_path):
    def batches():
        yield [said("一")]
        raise RecordingError(path="broken")

    with pytest.raises(RecordingError):
        import_events(tmp_path / "a.hostdesk", opened_as(), batches())
    assert list(tmp_path.glob("a*")) == []


def test_an_import_never_overwrites_a_show(show):
    before = show.read_bytes()
    with pytest.raises(JournalError):
        import_events(show, opened_as(), [])
    assert show.read_bytes() == before


def test_an_export_that_cannot_be_written_is_told_and_leaves_no_half(show, tmp_path):
    with pytest.raises(DiskFullError):
        export_show(show, tmp_path / "no" / "a.jsonl")
    assert not (tmp_path / "no").exists()


# --------------------------------------------------------------------------------- masked

SECRETS = [
    ("a phone number", "打我电话13812345678", "13812345678"),
    ("a phone number in groups", "138 1234 5678", "1234"),
    ("a phone number with dots between", "1.3.8.1.2.3.4.5.6.7.8", "1.3.8"),
    ("a phone number in full-width digits", "１３８１２３４５６７８", "１３８"),
    ("a phone number in characters", "一三八幺二三四五六七八", "幺二三"),
    ("an order number", "订单号 SF1390234567012 没动", "SF1390234567012"),
    ("an order number of digits", "单号 2024112233445566", "2024112233445566"),
    ("an e-mail address", "a.b@example.com 联系我", "example.com"),
    ("a web address", "看 https://x.example/u/77", "x.example"),
    ("an account", "加v abc_12345", "abc_12345"),
    ("a street address", "寄到杭州市西湖区文三路88号", "88号"),
    ("somebody who is mentioned", "@小鹿 你也买了", "小鹿"),
    ("a name in a text", "名字0007说得对", "名字0007"),
    ("an id in a text", "viewer-0007 退货", "viewer-0007"),
]


@pytest.mark.parametrize(("why", "text", "secret"), SECRETS, ids=[row[0] for row in SECRETS])
def test_a_masked_text_does_not_hold(why, text, secret):
    mask = Mask(SALT, "zh")
    mask.knows("viewer-0007", "名字0007")
    assert secret not in mask.text(text), why


@pytest.mark.parametrize(
    "text",
    ["9号多少钱", "37码偏小吗", "199减50", "12:30 给答复", "起球了！退货", "666", "M 码 165/90"],
)
def test_a_masked_text_still_says_what_it_said(text):
    assert Mask(SALT, "zh").text(text) == text


def test_viewers_are_numbered_the_same_throughout_in_the_language_asked_for(show, tmp_path):
    out = tmp_path / "a.jsonl"
    export_show(show, out, masked=True, salt=SALT, locale="en")
    lines = lines_of(out)
    named = {line["author_id"]: line["author_name"] for line in lines if "author_name" in line}
    assert sorted(named.values()) == ["Viewer1", "Viewer2"]
    assert re.fullmatch(r"x[0-9a-f]{16}", lines[1]["reply_to"])


def test_two_masked_exports_have_no_id_in_common(show, tmp_path):
    ids = []
    for number in range(2):
        out = tmp_path / f"{number}.jsonl"
        export_show(show, out, masked=True, salt=bytes([number] * 32))
        ids.append({line["author_id"] for line in lines_of(out) if "author_id" in line})
    assert not ids[0] & ids[1]


def test_a_masked_export_wants_its_salt(show, tmp_path):
    with pytest.raises(ValueError, match="salt"):
        export_show(show, tmp_path / "a.jsonl", masked=True, salt=b"")


names = st.text("甲乙丙丁戊己庚辛壬癸ABCDEFGH", min_size=4, max_size=9).map("〖{}〗".format)
ids = st.text("QRSTUVWXYZ", min_size=5, max_size=12)
phones = st.integers(13_000_000_000, 19_999_999_999).map(str)
person = st.tuples(ids, names, phones)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people=st.lists(person, min_size=1, max_size=6), data=st.data())
def test_a_masked_export_holds_no_name_no_id_no_number_of_anybody(tmp_path_factory, people, data):
    assume(len({each for person in people for each in person}) == 3 * len(people))
    folder = tmp_path_factory.mktemp("masked")
    anything = st.sampled_from([each for person in people for each in person])
    journal = ShowJournal.create(folder / "a.hostdesk", opened_as(title=people[0][1]))
    journal.append([opened_as(title=people[0][1], contact=people[0][2])], 0)
    secret = data.draw(anything)
    for author_id, name, phone in people:
        text = f"{data.draw(anything)}，{phone} {data.draw(anything)}"
        journal.append(
            [
                said(
                    text,
                    1,
                    author_id=author_id,
                    author_name=name,
                    badges=(secret,),
                    reply_to=author_id,
                ),
                Gift(at_ms=T, author_id=author_id, author_name=name, name=secret),
                HostSaid(at_ms=T, text=text),
                ObsState(at_ms=T, linked=True, scene=name, params={"path": f"/home/{name}"}),
                NoticeAsked(at_ms=T, text=text),
            ],
            None,
        )
        finding = Finding(
            finding_id="raid-1", finding_kind="raid", at_ms=T, since_ms=T, authors=1, comments=1,
            sample=(text,),
        )  # fmt: skip
        verdict = Verdict(seq=2, labels=(Label.SPAM,), spans=(Span(0, 2, Label.SPAM),))
        journal.derive([(journal.last_seq, finding), (journal.last_seq, verdict)], "model")
    journal.close()
    export_show(folder / "a.hostdesk", folder / "a.jsonl", masked=True, salt=SALT)
    written = (folder / "a.jsonl").read_text(encoding="utf-8")
    for person in people:
        for each in person:
            assert each not in written
