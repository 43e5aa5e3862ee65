import pytest

from hostdesk.events import Comment, Tick
from tests.unit.analysis.builders import START_MS, crowd, evening, findings, play, said

PILLING = [
    "洗两次就起球了",
    "我那件也起毛球",
    "袖口全是毛球",
    "刚穿三天就起球 失望",
    "同款起球 怎么处理",
]


def waves(events: list[Comment]):
    return findings(play(events), "mass_complaint")


def test_three_people_with_the_same_defect_are_a_wave_and_it_grows():
    found = waves(crowd(PILLING, 0, every_s=60))
    assert [one.state for one in found][:2] == ["opened", "grew"]
    assert found[0].authors == 3
    assert found[0].topic == "quality"
    assert found[-1].authors == 5


def test_orders_are_counted():
    found = waves([said(text, f"b{n}", n, order=n < 2) for n, text in enumerate(PILLING)])
    assert found[-1].with_order == 2


@pytest.mark.parametrize(
    ("why", "comments"),
    [
        ("one person three times", [said(text, "ann", n) for n, text in enumerate(PILLING)]),
        ("three different defects", crowd(["起球了", "掉色了一盆", "鞋底开胶了"], 0)),
        ("only asked", crowd(["起球吗", "会不会起球", "容易起球吗", "起不起球"], 0)),
        ("denied", crowd(["不起球", "没起球", "一点都不起球", "穿了半年没起球"], 0)),
        ("too far apart", crowd(PILLING[:3], 0, every_s=601)),
        ("another shop's", crowd(["别家的起球", "以前那家起球", "别的牌子起球"], 0)),
    ],
)
def test_no_wave(why: str, comments: list[Comment]):
    assert not waves(comments), why


def test_a_vague_complaint_joins_the_defect_that_is_talked_about():
    later = [Tick(at_ms=START_MS + 60_000)]
    vague = crowd(["质量太差了", "太让人失望"], 30, who="v")
    found = waves([*crowd(PILLING[:3], 0), *vague, *later])  # type: ignore[list-item]
    assert len({one.finding_id for one in found}) == 1
    assert found[-1].authors == 5


def test_it_is_over_ten_minutes_after_the_last_one():
    late = [Tick(at_ms=START_MS + second * 1000) for second in (100, 650)]
    assert waves([*crowd(PILLING, 0), *late])[-1].state == "closed"  # type: ignore[list-item]


def test_an_ordinary_evening_has_none():
    assert not waves([c for c in evening(5, 12) if "少发" not in c.text])


def test_new_accounts_with_one_sentence_are_one_voice_but_a_buyer_is_always_another():
    copies = [
        f"我{who}买她家面霜 用完闷痘 客服直接拉黑"
        for who in ("闺蜜", "表姐", "同事", "邻居", "姑姑")
    ]
    assert not waves(crowd(copies, 0, level=0))
    buyers = [
        said("客服不理我 订单号发了三遍", f"b{n}", 20 + n, level=0, order=True) for n in (1, 2)
    ]
    found = waves([*crowd(copies, 0, level=0), *buyers])
    assert found[-1].authors == 3
    assert found[-1].with_order == 2
