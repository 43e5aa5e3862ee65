"""Who writes and has an order is known on receipt; without a list nothing is claimed."""

import asyncio

import pytest

from hostdesk import shop_facts
from hostdesk.events import Comment, Join
from hostdesk.shop_facts import ShopFacts

HEAD = "主订单编号,买家昵称,订单提交时间,支付完成时间\n"
LINE = "69280000008812{:02},{},2026-06-18 19:59:00,2026-06-18 20:00:00\n"


def said(name, **more):
    who = {"author_id": f"id-{name}", "author_name": name, "platform": "douyin"}
    return Comment(at_ms=1, text="起球了", **who, **more)


@pytest.fixture
def orders(tmp_path):
    def write(*buyers, name="orders.csv"):
        lines = [LINE.format(number, buyer) for number, buyer in enumerate(buyers)]
        file = tmp_path / name
        file.write_text(HEAD + "".join(lines), encoding="gbk")
        return str(file)

    return write


async def test_a_buyer_who_writes_is_marked_and_others_are_left_as_they_are(orders):
    facts = ShopFacts(480)
    await facts.use(orders("小鹿乱撞"))
    marked = facts.stamp(said("小鹿乱撞"))
    assert (marked.has_order, marked.order) == (True, "likely")
    stranger = said("路人甲乙")
    assert facts.stamp(stranger) is stranger


async def test_a_masked_name_is_only_possible_and_claims_nothing(orders):
    facts = ShopFacts(480)
    await facts.use(orders("小**撞"))
    marked = facts.stamp(said("小鹿乱撞"))
    assert (marked.has_order, marked.order) == (None, "possible")


async def test_what_the_platform_says_of_an_order_is_not_written_over(orders):
    facts = ShopFacts(480)
    await facts.use(orders("小鹿乱撞"))
    for told in (True, False):
        comment = said("小鹿乱撞", has_order=told)
        assert facts.stamp(comment) is comment


async def test_without_a_list_and_for_other_events_nothing_is_looked_up(orders):
    facts = ShopFacts(480)
    comment = said("小鹿乱撞")
    assert facts.stamp(comment) is comment
    await facts.use(orders("小鹿乱撞"))
    join = Join(at_ms=1, author_id="id-小鹿乱撞", author_name="小鹿乱撞")
    assert facts.stamp(join) is join
    await facts.use("")
    assert facts.stamp(comment) is comment


@pytest.mark.expects_log
async def test_a_list_that_cannot_be_read_is_logged_by_its_code_alone(orders, tmp_path, caplog):
    facts = ShopFacts(480)
    await facts.use(orders("小鹿乱撞"))
    await facts.use(str(tmp_path / "王小姐的订单.csv"))
    comment = said("小鹿乱撞")
    assert facts.stamp(comment) is comment, "an old list is not used in its place"
    assert "orders_missing" in caplog.text
    assert "王小姐" not in caplog.text


async def test_the_log_counts_and_names_nobody(orders, caplog):
    caplog.set_level("DEBUG")
    facts = ShopFacts(480)
    await facts.use(orders("小鹿乱撞", "阿伟"))
    assert "2 orders" in caplog.text
    assert "小鹿" not in caplog.text


async def test_a_list_without_buyers_marks_nobody(tmp_path):
    file = tmp_path / "no-buyers.csv"
    file.write_text("主订单编号,选购商品\n6928000000881234,毛衣\n", encoding="utf-8")
    facts = ShopFacts(480)
    await facts.use(str(file))
    comment = said("小鹿乱撞")
    assert facts.stamp(comment) is comment


async def test_the_same_list_is_not_read_twice(orders, monkeypatch):
    facts, path = ShopFacts(480), orders("小鹿乱撞")
    await facts.use(path)
    monkeypatch.setattr(shop_facts, "_load", None)
    await facts.use(path)
    assert facts.stamp(said("小鹿乱撞")).has_order


async def test_of_two_lists_the_one_chosen_last_is_used_whichever_is_read_first(
    orders, monkeypatch
):
    slow, quick = orders("小鹿乱撞", name="slow.csv"), orders("阿伟同学", name="quick.csv")
    go_on, load = asyncio.Event(), shop_facts._load
    loop = asyncio.get_running_loop()

    def held_up(path, zone_offset_min):
        if path.name == "slow.csv":
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(20)
        return load(path, zone_offset_min)

    monkeypatch.setattr(shop_facts, "_load", held_up)
    facts = ShopFacts(480)
    first = asyncio.ensure_future(facts.use(slow))
    await asyncio.sleep(0)
    await facts.use(quick)
    go_on.set()
    await first
    assert facts.stamp(said("阿伟同学")).has_order
    assert facts.stamp(said("小鹿乱撞")).has_order is None


@pytest.mark.expects_log
async def test_a_list_over_which_we_stumble_does_not_end_the_show(orders, monkeypatch, caplog):
    def broken(path, zone_offset_min):
        raise ZeroDivisionError

    monkeypatch.setattr(shop_facts, "_load", broken)
    facts = ShopFacts(480)
    await facts.use(orders("小鹿乱撞"))
    comment = said("小鹿乱撞")
    assert facts.stamp(comment) is comment
    assert "a bug of ours" in caplog.text
