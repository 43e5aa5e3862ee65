"""Reading the content: the user's own wins, and what is wrong is told by file, entry, field."""

import pytest

from hostdesk import paths
from hostdesk.content.counsel import load_counsel, names
from hostdesk.errors import ContentError

REPLY = """
[[reply]]
id = "{id}"
intent = "freeze"
tone = "steady"
labels = ["accident"]
topics = ["freeze"]
card_kinds = ["accident"]
source = "own"
zh = {{ say = "{say}", chat = "卡了，我在。", card = "我在" }}
en = {{ say = "I'm here.", chat = "I'm here.", card = "I'm here" }}
"""


def write(name: str, text: str) -> None:
    file = paths.own_content() / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def wrong(name: str, text: str) -> dict:
    write(name, text)
    with pytest.raises(ContentError) as raised:
        load_counsel()
    return raised.value.params


def reply(reply_id: str, say: str = "我在，没走。") -> str:
    return REPLY.format(id=reply_id, say=say)


def test_the_shipped_content_loads_and_its_hash_is_steady():
    assert load_counsel().content_hash == load_counsel().content_hash
    assert "plans/plans.toml" in names()


def test_one_own_reply_replaces_the_shipped_one_of_its_id():
    before = load_counsel()
    write("replies/mine.toml", reply("R33", "我在我在。"))
    after = load_counsel()
    assert after.library.get("R33").zh.say == "我在我在。"
    assert len(after.library.replies) == len(before.library.replies)
    assert after.content_hash != before.content_hash


@pytest.mark.parametrize("name", ["aaa.toml", "zzz.toml"])
def test_own_wins_whatever_the_file_is_called(name):
    write(f"replies/{name}", reply("R33", "我在我在。"))
    assert load_counsel().library.get("R33").zh.say == "我在我在。"


def test_an_own_file_of_the_same_name_replaces_the_whole_file():
    write("replies/accident.toml", reply("R33"))
    library = load_counsel().library
    assert library.get("R33").zh.say == "我在，没走。"
    assert library.get("R34") is None
    assert library.get("R01") is not None


def test_own_entries_are_added():
    write("replies/mine.toml", reply("M01"))
    said = load_counsel().library.suggest(
        labels=("accident",), topic="freeze", card_kind="accident", limit=9
    )
    assert "M01" in {each.reply_id for each in said}


def test_own_platforms_and_limits():
    write("rules/notice_limits.toml", "max_length = 5\n")
    assert [hint.code for hint in load_counsel().hints("一二三四五六")] == ["too_long"]


@pytest.mark.parametrize(
    ("why", "name", "text", "entry", "field"),
    [
        ("not TOML", "replies/mine.toml", "[[reply]\n", "", ""),
        ("a tone we do not have", "replies/mine.toml",
         reply("M01").replace('"steady"', '"angry"'), "M01", "tone"),
        ("a topic we do not have", "replies/mine.toml",
         reply("M01").replace('topics = ["freeze"]', 'topics = ["weather"]'), "M01", "topics"),
        ("a label we do not have", "replies/mine.toml",
         reply("M01").replace('"accident"]\ntopics', '"mood"]\ntopics'), "M01", "labels"),
        ("a slot that nobody fills", "replies/mine.toml", reply("M01", "{mood}"), "M01", "slots"),
        ("an empty sentence", "replies/mine.toml", reply("M01", ""), "M01", "zh.say"),
        ("a slip in a field's name", "replies/mine.toml",
         reply("M01").replace("source", "sorce"), "M01", "sorce"),
        ("the same id twice", "replies/mine.toml", reply("M01") + reply("M01"), "M01", "id"),
        ("one bracket too few", "replies/mine.toml",
         reply("M01").replace("[[reply]]", "[reply]"), "", "reply"),
        ("a plain value", "plans/mine.toml", "plan = 3\n", "", "plan"),
        ("defaults that are no words", "replies/slots.toml", "zh = 3\n", "", ""),
        ("a pattern that is none", "rules/notice_limits.toml",
         'max_length = 60\n[[hint]]\ncode="x"\npattern="("\nsource="own"\n', "", ""),
        ("no generic platform", "platforms/platforms.toml", "", "generic", "id"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(why, name, text, entry, field):
    params = wrong(name, text)
    assert params["entry"] == entry, why
    assert field in str(params["field"]), why
    assert params["detail"]


PLAN = """
[[plan]]
id = "P1"
severity = "S3"
first_words_s = 30
band = "C0"
notices = ["{notice}"]
source = "own"
[plan.zh]
title = "停电"
signals = ["黑屏"]
say = "停电了。"
avoid = "别慌"
close = "来电"
[plan.en]
title = "Power cut"
signals = ["dark"]
say = "Power is out."
avoid = "No panic"
close = "Power is back"
[[plan.steps]]
id = "{step}"
role = "{role}"
due_s = 30
zh = "开灯"
en = "Lights"
"""


def test_an_own_plan_is_opened_by_hand():
    write("plans/mine.toml", PLAN.format(notice="N09", step="P1.1", role="floor"))
    assert load_counsel().plans.get("P1").words("en").steps[0].text == "Lights"


@pytest.mark.parametrize(
    ("why", "values", "field"),
    [
        ("a notice that is not there", ("N99", "P1.1", "floor"), "notices"),
        ("another plan's step", ("N09", "P2.1", "floor"), "steps"),
        ("nobody's step", ("N09", "P1.1", "cook"), "role"),
    ],
)
def test_a_wrong_plan_is_told(why, values, field):
    notice, step, role = values
    params = wrong("plans/mine.toml", PLAN.format(notice=notice, step=step, role=role))
    assert params["file"] == "plans/mine.toml"
    assert params["entry"] == "P1"
    assert field in params["field"], why


def test_a_safe_area_without_room_is_told():
    text = (paths.resources() / "platforms/platforms.toml").read_text(encoding="utf-8")
    params = wrong("platforms/platforms.toml", text.replace("right = 0.95", "right = 0.01", 1))
    assert (params["entry"], params["field"]) == ("douyin", "landscape")
