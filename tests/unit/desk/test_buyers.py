"""Who has an order, and how certain that is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.desk.buyers import (
    MOST_SHOWN,
    Buyers,
    Order,
    buyer_hash,
    fits,
    mask_key,
    name_key,
)


def order(name="", account="", **more):
    return Order(name=name, buyer=buyer_hash(account) if account else "", **more)


def certainty(orders, author_id="", name="", platform="douyin", **more):
    found = Buyers(orders, **more).match(author_id, name, platform)
    return found and (found.certainty, found.candidates)


MATCHES = [
    ("the account itself", [order(account="77", name="别名")], ("77", "小鹿"), ("sure", 1)),
    ("one account has this name", [order("小鹿", "77")] * 2, ("k1", "小鹿"), ("sure", 1)),
    ("a name, no account in the list", [order("小鹿")], ("k1", "小鹿"), ("likely", 1)),
    ("one with account, one without", [order("小鹿", "77"), order("小鹿")], ("k1", "小鹿"),
     ("possible", 2)),
    ("two accounts with one name", [order("小鹿", "77"), order("小鹿", "78")], ("k1", "小鹿"),
     ("possible", 2)),
    ("a masked name fits", [order("小*鹿")], ("k1", "小花鹿"), ("possible", 1)),
    ("two masked names fit", [order("小*鹿"), order("小**")], ("k1", "小花鹿"), ("possible", 2)),
    ("a full name goes before masks", [order("小花鹿"), order("小**")], ("k1", "小花鹿"),
     ("likely", 1)),
    ("a mask does not fit", [order("大*鹿")], ("k1", "小花鹿"), None),
    ("nothing but stars says nothing", [order("***")], ("k1", "小花鹿"), None),
    ("a masked author is nobody", [order("小*鹿")], ("", "小*鹿"), None),
    ("a page that shows no ids", [order("小鹿", "77")], ("", "小鹿"), ("likely", 1)),
    ("a masked id is no account", [order(account="0")], ("0", ""), None),
    ("not in the list", [order("小鹿")], ("k1", "阿伟"), None),
    ("an empty list", [], ("k1", "阿伟"), None),
    ("width, case and blanks do not matter", [order("Ｍａｒｙ　鹿")], ("k1", " mary 鹿 "),
     ("likely", 1)),
    ("characters nobody sees do not matter", [order("小\u200b鹿\ufe0f")], ("k1", "小鹿"),
     ("likely", 1)),
    ("accents do matter", [order("Renee")], ("k1", "Renée"), None),
]  # fmt: skip


@pytest.mark.parametrize(("why", "orders", "author", "expected"), MATCHES)
def test_how_certain_a_match_is(why, orders, author, expected):
    assert certainty(orders, *author) == expected, why


def test_a_name_that_thousands_have_proves_nothing():
    assert certainty([order("momo", "77")], "k1", "Momo", shared_names=["momo"])[0] == "possible"


def test_a_buyer_of_another_platform_may_only_be_called_alike():
    orders = [order("小鹿", "77", platform="douyin")]
    assert certainty(orders, "k1", "小鹿", "bilibili")[0] == "possible"
    assert certainty(orders, "77", "", "bilibili") is None
    assert certainty(orders, "k1", "小鹿", "douyin")[0] == "sure"


def test_two_in_the_room_with_one_name_are_neither_of_them_the_buyer():
    buyers = Buyers([order("小鹿", "77")])
    assert buyers.match("k1", "小鹿", "douyin").certainty == "sure"
    assert buyers.match("k2", "小鹿", "douyin").certainty == "possible"
    assert buyers.match("k1", "小鹿", "douyin").certainty == "possible"
    assert buyers.match("77", "小鹿", "douyin").certainty == "sure"


def test_only_what_holds_counts_as_an_order():
    assert Buyers([order("小鹿")]).match("k", "小鹿", "").has_order is True
    assert Buyers([order("小*")]).match("k", "小鹿", "").has_order is None


def test_the_newest_orders_are_shown_and_no_more_than_a_few():
    orders = [order("小鹿", item=f"{n}号", at_ms=n) for n in range(50)]
    shown = Buyers(orders).match("k", "小鹿", "").orders
    assert [each.at_ms for each in shown] == list(range(49, 49 - MOST_SHOWN, -1))


def test_a_name_that_hundreds_of_orders_have_is_nobody_in_particular():
    found = Buyers([order("小鹿", "77")] * 300).match("k", "小鹿", "")
    assert found.certainty == "possible"
    crowd = Buyers([order("王*", str(n)) for n in range(5_000)])
    assert crowd.match("k", "王小鹿", "").candidates <= 200


def test_an_order_is_found_by_what_a_buyer_reads_out():
    buyers = Buyers([order("小鹿", tail="881234"), order("阿伟", tail="995678")])
    assert [each.name for each in buyers.by_tail("1234")] == ["小鹿"]
    assert [each.name for each in buyers.by_tail(" 6928881234 ")] == ["小鹿"]
    assert buyers.by_tail("34") == ()


NAMES = st.text(st.sampled_from("小鹿花Aa*"), max_size=5)
ORDERS = st.lists(st.builds(order, NAMES, st.sampled_from(["", "7", "8"])), max_size=8)
AUTHORS = st.lists(
    st.tuples(st.sampled_from(["", "0", "7", "8", "9", "10"]), NAMES), min_size=1, max_size=8
)


@given(ORDERS, AUTHORS)
def test_two_candidates_are_never_sure(orders, authors):
    buyers = Buyers(orders)
    named = {}
    for author_id, name in authors:
        found = buyers.match(author_id, name, "douyin")
        if found is None:
            continue
        assert found.orders
        if found.certainty != "possible":
            assert found.candidates == 1
        if found.how == "account":
            assert {o.buyer for o in found.orders} == {buyer_hash(author_id)}
        elif found.certainty == "sure":
            people = {o.buyer for o in orders if name_key(o.name) == name_key(name)}
            assert len(people) == 1
            assert "" not in people
        if found.how == "name" and found.certainty != "possible":
            if author_id not in ("", "0"):
                assert named.setdefault(name_key(name), author_id) == author_id
            else:
                assert found.certainty == "likely", "without an id nobody is sure"


@given(ORDERS, AUTHORS)
def test_asked_again_the_answer_is_never_more_certain(orders, authors):
    rank = {None: 0, "possible": 1, "likely": 2, "sure": 3}
    buyers = Buyers(orders)
    first = {}
    for author in authors * 2:
        found = buyers.match(*author, "douyin")
        now = rank[found and found.certainty]
        assert now <= first.setdefault(author, now)


@given(
    st.text(st.sampled_from("ab*"), min_size=1, max_size=7),
    st.text(st.sampled_from("ab"), max_size=8),
)
def test_a_mask_fits_as_a_pattern_would(mask, name):
    key = mask_key(mask)
    if key is not None:
        pattern = ".+".join(re.escape(part) for part in key.split("*"))
        assert fits(key, name) == bool(re.fullmatch(pattern, name))


@given(st.text(), st.text(), st.text())
def test_whatever_people_are_called_nothing_breaks(account, name, other):
    buyers = Buyers([order(name, account), order(other), order(f"{name[:1]}**")])
    buyers.match(account, other, "x")
    buyers.match(other, name, "x")
    buyers.by_tail(name)
    assert name_key(name_key(name)) == name_key(name)
