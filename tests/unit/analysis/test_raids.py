"""Raids must be found, and crowds left alone. Rooms are simulated, seeded."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostdesk.events import AnyEvent, Comment, HostSaid
from tests.unit.analysis.builders import (
    START_MS,
    crowd,
    edited,
    evening,
    findings,
    play,
    said,
    verdicts,
)

SMEARS = (
    "大家别买这家的东西都是假货谁买谁后悔",
    "姐妹们快跑这直播间全是托质量垃圾得很",
    "这主播就是个骗子坑了我朋友好几百块钱",
    "无良商家割韭菜大家一起举报封了它",
    "听说这家店被315曝光过货都是小作坊做的",
)
TEMPLATE = "{who}在这家买的{what}全是假货大家快跑"
ADS = "加微信xw88990领取内部优惠券同款半价"


def raid(
    dice: random.Random, at_s: float, accounts: int, *, level: int | None = 0, every_s: float = 3
) -> list[Comment]:
    text = dice.choice(SMEARS)
    return [
        said(edited(text, dice), f"x{n}", at_s + n * every_s, level=level) for n in range(accounts)
    ]


def raids(events: list[AnyEvent]):
    return findings(play(events), "raid")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("level", [0, None])
def test_eight_new_accounts_with_nearly_the_same_words_are_found_soon(seed: int, level: int | None):
    dice = random.Random(seed)
    found = raids([*evening(seed, 6), *raid(dice, 240, 8, level=level)])
    assert found, seed
    assert found[0].authors <= 8
    assert found[0].at_ms - (START_MS + 240_000) <= 25_000
    assert found[0].flavour in ("hostile", "rumour")


@pytest.mark.parametrize("seed", range(4))
def test_a_template_with_other_words_in_its_slots_is_found(seed: int):
    dice = random.Random(seed)
    fills = [
        TEMPLATE.format(
            who=dice.choice(["我闺蜜", "同事", "我表姐", "邻居阿姨", "我妈"]),
            what=dice.choice(["面霜", "裙子", "奶粉", "炒锅", "运动鞋", "毛衣"]),
        )
        for _ in range(10)
    ]
    assert raids([*evening(seed, 6), *crowd(fills, 240, who="x", every_s=4, level=1)])


def test_a_template_of_made_up_complaints_is_found_and_says_that_it_is_one():
    dice = random.Random(5)
    whos = ["闺蜜", "表姐", "同事", "邻居", "姑姑", "室友", "嫂子", "婆婆", "舅妈", "学妹"]
    fills = [
        f"我{who}买这家{dice.choice(['面霜', '眼霜', '洁面', '精华'])} "
        f"涂了{dice.choice(['闷痘', '脱皮', '搓泥', '爆痘'])} 客服直接就不理人了"
        for who in whos
    ]
    found = raids([*evening(5, 6), *crowd(fills, 240, who="x", every_s=4, level=0)])
    assert found[0].flavour == "complaint"
    assert found[0].authors >= 8


def test_an_advertisement_by_many_accounts_says_so():
    dice = random.Random(1)
    ads = [said(edited(ADS, dice, 1), f"x{n}", 240 + 2 * n, level=0) for n in range(8)]
    assert raids([*evening(1, 6), *ads])[0].flavour == "ad"


def test_a_slow_drip_is_found():
    dice = random.Random(2)
    assert raids([*evening(2, 16, rate=1), *raid(dice, 200, 9, every_s=80)])


def test_who_has_an_order_is_in_no_raid():
    dice = random.Random(3)
    bought = said(SMEARS[0], "buyer", 246, level=0, order=True)
    copies = [said(edited(SMEARS[0], dice, 1), f"x{n}", 240 + n, level=0) for n in range(10)]
    derived = play([*evening(3, 6), *copies, bought])
    seq = _seq_of(derived, [*evening(3, 6), *copies, bought], "buyer")
    found = findings(derived, "raid")
    assert found
    assert all(seq not in one.seqs for one in found)
    assert found[-1].authors <= 10


def test_a_buyer_with_a_story_of_her_own_is_in_no_raid():
    dice = random.Random(4)
    copies = [said(edited(SMEARS[1], dice, 1), f"x{n}", 240 + n, level=0) for n in range(10)]
    story = said("质量垃圾 我上周买的洗了一次袖口就开线了", "buyer", 244.5, level=0)
    events = [*evening(4, 6), *copies, story]
    derived = play(events)
    seq = _seq_of(derived, events, "buyer")
    assert all(seq not in one.seqs for one in findings(derived, "raid"))


def _seq_of(derived: object, events: list[Comment], who: str) -> int:
    ordered = sorted(events, key=lambda event: event.at_ms)
    return next(n for n, event in enumerate(ordered, 1) if event.author_id == who)


INNOCENT = {
    "the host asked for it": [
        HostSaid(at_ms=START_MS + 239_000, text="想要的宝宝扣1，想要的扣想要"),
        *crowd(["1", "想要", "11", "想要想要", "扣1"] * 14, 241, every_s=0.2, who="e", level=0),
    ],
    "the host said it first": [
        HostSaid(at_ms=START_MS + 239_000, text="来，跟我一起喊：好货不贵全家都爱"),
        *crowd(["好货不贵全家都爱"] * 40, 241, every_s=0.3, who="e", level=0),
    ],
    "a cheer of regulars": crowd(
        ["红红火火我们永远支持主播加油"] * 30, 240, every_s=0.4, who="r", level=20
    ),
    "a freeze": crowd(["画面怎么卡住不动了"] * 30, 240, every_s=0.3, who="f", level=0),
    "laughter": crowd(["哈哈哈哈哈哈笑死我了"] * 30, 240, every_s=0.3, who="h", level=0),
    "the same question": crowd(["请问这个什么时候能发货呀"] * 14, 240, every_s=1, who="q", level=1),
    "the same complaint in own words": crowd(
        [
            "我买的洗两次就起球了",
            "收到的这件袖口起球",
            "穿了三天就起毛球 失望",
            "我那件也起球了怎么办",
        ]
        * 3,
        240,
        every_s=5,
        who="c",
        level=1,
    ),
    "orders being placed": crowd(["已经拍下付款了等发货"] * 12, 240, every_s=1, who="o", level=5),
}


@pytest.mark.parametrize("why", INNOCENT)
def test_an_innocent_crowd_is_no_raid(why: str):
    assert not raids([*evening(7, 6), *INNOCENT[why]]), why


@pytest.mark.parametrize("newcomers", [0.05, 0.3, 0.8])
def test_an_ordinary_evening_has_no_raid(newcomers: float):
    assert not raids([*evening(11, 10, newcomers=newcomers)])


def test_where_the_platform_masks_its_users_coordination_is_not_judged_and_it_says_so():
    copies = [
        Comment(
            at_ms=START_MS + n * 1000, author_id="0", author_name="小***", text="傻逼主播骗子快跑"
        )
        for n in range(20)
    ]
    derived = play(copies)
    assert not findings(derived, "raid")
    flags = findings(derived, "flag")
    assert flags
    assert all("masked" in {one.signal for one in flag.evidence} for flag in flags)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.integers(0, 12)), max_size=60))
def test_whatever_is_written_by_whomever_nothing_breaks(lines: list[tuple[str, int]]):
    comments = [said(text, f"a{who}", n) for n, (text, who) in enumerate(lines)]
    assert len(verdicts(play(comments))) == len(comments)
