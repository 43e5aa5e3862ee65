"""Order lists as shops export them."""

import csv
import datetime
import io
import tracemalloc

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostdesk.desk.buyers import TAIL, Buyers, buyer_hash
from hostdesk.sources.orders_columns import load_columns, understand
from hostdesk.sources.orders_csv import (
    OrdersColumnsError,
    OrdersEmptyError,
    OrdersError,
    OrdersForbiddenError,
    OrdersMissingError,
    OrdersSheetError,
    read_orders,
)
from hostdesk.sources.orders_lines import MAX_LINE, encoding_of
from hostdesk.sources.orders_times import moment_ms
from hostdesk.text import LOCALES, words

CHINA = datetime.timezone(datetime.timedelta(hours=8))
EIGHT_PM = 1_781_784_000_000  # 2026-06-18 20:00 +08
COLUMNS = load_columns()
DOUDIAN = "主订单编号,买家昵称,选购商品,批次,订单提交时间,支付完成时间,收件人,收件人手机号,详细地址"
LINE = (
    "6928000000881234,小鹿,毛衣 红,B7,2026-06-18 19:59:00,2026-06-18 20:00:00,"
    "张**,13800001111,某路 1 号"
)


@pytest.fixture
def put(tmp_path):
    def write(content, encoding="utf-8"):
        file = tmp_path / "orders.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return file

    return write


def read(file, **how):
    return read_orders(file, columns=COLUMNS, **how)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_encoding_and_delimiter_reads_the_same(put, encoding, delimiter, end):
    content = f"{DOUDIAN}{end}{LINE}{end}".replace(",", delimiter)
    told = read(put(content, encoding))
    [order] = told.orders
    assert (order.tail, order.name, order.item, order.batch) == ("881234", "小鹿", "毛衣 红", "B7")
    assert (order.at_ms, order.platform) == (EIGHT_PM, "douyin")
    assert (told.shop, told.skipped, told.can_match) == ("doudian", 0, True)


SHOPS = {
    "doudian": (DOUDIAN, LINE),
    "taobao": ("订单编号,买家会员名,宝贝标题,订单创建时间,订单付款时间,收货人姓名,联系手机",
               '="1234567890123",t小*鹿,毛衣,2026-06-18 19:59,2026-06-18 20:00,张三,13800001111'),
    "kuaishou": ("订单编号,买家快手ID,快手昵称,商品标题,订单创建时间,支付时间,订单状态",
                 "99,88,小鹿,毛衣,2026-06-18 19:59,2026/6/18 20:00,已发货"),
    "youzan": ("订单号,粉丝昵称,全部商品名称,订单创建时间,买家付款时间,收货人/提货人",
               "E2026,小鹿,毛衣,2026-06-18 19:59:00,2026-06-18 20:00:00,张三"),
    "weixin": ("订单号,买家openid,微信昵称,商品名称,订单下单时间,支付时间",
               "37,oABC,小鹿,毛衣,2026-06-18 19:59:00,2026年6月18日 20:00"),
    "shopify": ("Name,Email,Financial Status,Paid at,Created at,Lineitem name,Instagram username",
                "#1001,a@b.c,paid,2026-06-18 20:00:00 +0800,2026-06-18,Sweater,deer"),
    "tiktok": ("Order ID,Order Status,Product Name,Created Time,Paid Time,Buyer Username,Recipient",
               "57,Shipped,Sweater,06/18/2026 7:59:00 PM,06/18/2026 8:00:00 PM,deer.little,J***e"),
    "amazon": ("amazon-order-id\tpurchase-date\torder-status\tproduct-name\tsku\trecipient-name",
               "1-2-3\t2026-06-18T12:00:00+00:00\tShipped\tSweater\tA1\tJ***"),
    "other": ("尾号,昵称,商品,时间", "1234,小鹿,毛衣,2026-06-18 20:00"),
}  # fmt: skip


@pytest.mark.parametrize("shop", SHOPS)
def test_each_shop_is_known_by_its_columns(put, shop):
    told = read(put("\n".join(SHOPS[shop])))
    [order] = told.orders
    assert told.shop == shop
    assert (order.tail != "", order.at_ms) == (True, EIGHT_PM)
    assert order.item
    assert order.name or order.buyer


def test_every_shop_of_the_file_is_tested_and_has_words_and_a_source():
    assert {shop.id for shop in COLUMNS.shops} == set(SHOPS)
    assert all(shop.source and shop.zh and shop.en for shop in COLUMNS.shops)


def test_nothing_private_is_kept(put):
    secrets = ["13800001111", "某路 1 号", "李四", "li@si.example", "77001", "6928000000"]
    content = (
        "订单编号,买家ID,买家昵称,收件人,收件人手机号,收货地址,商品名称\n"
        "6928000000881234,77001,13800001111,李四,13800001111,某路 1 号,毛衣\n"
        "6928000000881235,13800001111,li@si.example,李四,13800001111,某路 1 号,毛衣\n"
        "6928000000881236,77001,138****1111,李**,13800001111,某路 1 号,毛衣\n"
    )
    told = read(put(content))
    kept = msgspec.json.encode(told).decode()
    assert not [each for each in secrets if each in kept]
    assert [order.name for order in told.orders] == ["", "", "李**"]
    assert [order.buyer for order in told.orders] == [buyer_hash("77001"), "", buyer_hash("77001")]


def test_what_is_read_is_matched(put):
    told = read(put(f"{DOUDIAN}\n{LINE}\n"))
    assert Buyers(told.orders).match("k", "小鹿", "douyin").certainty == "likely"
    masked = "订单编号,收件人,商品名称\n1,张**,毛衣\n"
    assert Buyers(read(put(masked)).orders).match("k", "张小鹿", "x").certainty == "possible"


BROKEN = [
    ("too few cells", "6928,小鹿", 1),
    ("a comma in the item without quotes", LINE.replace("毛衣 红", "毛衣,红"), 1),
    ("a quote that never closes", LINE.replace("毛衣", '"毛衣'), 0),
    ("a number without digits", LINE.replace("6928000000881234", "abc"), 1),
    ("neither number nor buyer", ",,毛衣,,,,,,", 1),
    ("a line without end", "x" * (MAX_LINE + 1), 1),
    ("an empty line is no line", "  ", 0),
]


@pytest.mark.parametrize(("why", "line", "skipped"), BROKEN)
def test_a_broken_line_is_counted_and_the_others_are_read(put, why, line, skipped):
    told = read(put("\n".join([DOUDIAN, LINE, line, LINE, LINE])))
    assert told.skipped == skipped, why
    assert told.skipped_lines == (3,) * skipped
    assert len(told.orders) >= 3


def test_wrong_bytes_cost_their_own_line(put):
    good = LINE.encode("gbk")
    bad = good.replace("毛衣".encode("gbk"), b"\xff\xfe\xff")
    told = read(put(b"\n".join([DOUDIAN.encode("gbk"), *[good] * 5, bad, good])))
    assert (told.encoding, len(told.orders), told.skipped_lines) == ("gb18030", 6, (7,))


def test_one_wrong_byte_does_not_turn_utf8_into_chinese_letters(put):
    told = read(put("\n".join([DOUDIAN] + [LINE] * 50).encode() + b"\n\xe5\xb0,x\n"))
    assert told.encoding == "utf-8"
    assert len(told.orders) == 50


def test_the_first_chinese_name_may_stand_in_the_last_line(put):
    plain = "1,abc,x,2026-06-18\n" * 20_000
    file = put(("order,nickname,item,date\n" + plain + "2,阿伟,y,2026-06-18").encode("gbk"))
    assert encoding_of(file) == "gb18030"
    assert read(file).orders[-1].name == "阿伟"


def test_an_item_may_have_line_breaks_and_quotes(put):
    line = LINE.replace("毛衣 红", '"毛衣\n""暖"" 红"')
    told = read(put(f"{DOUDIAN}\n{line}\n{LINE}\n"))
    assert [order.item for order in told.orders] == ['毛衣 "暖" 红', "毛衣 红"]
    assert told.skipped == 0


def test_titles_above_and_explanations_below_the_names_are_no_orders(put):
    header, line = SHOPS["tiktok"]
    about = "Platform unique order ID.,Current status.,Platform name.,When created.,,,"
    told = read(put(f"Orders of June,,,\n\n{header}\n{about}\n{line}\n"))
    assert (len(told.orders), told.skipped) == (1, 0)


def test_what_is_not_paid_is_no_order(put):
    header = "订单编号,买家昵称,商品名称,订单付款时间,订单状态"
    lines = ["1,小鹿,a,2026-06-18 20:00,已发货", "2,阿伟,a,,交易关闭", "3,阿强,a,-,等待买家付款"]
    told = read(put("\n".join([header, *lines])))
    assert ([o.name for o in told.orders], told.unpaid) == (["小鹿"], 2)


def test_further_items_of_an_order_belong_to_its_buyer(put):
    header, line = SHOPS["shopify"]
    told = read(put(f"{header}\n{line}\n#1001,a@b.c,,,,Socks,\n#1002,,,,,Hat,\n"))
    assert [(o.name, o.item) for o in told.orders] == [("deer", "Sweater"), ("deer", "Socks")]
    assert told.unpaid == 1


def test_of_too_many_the_newest_are_kept(put):
    days = [f"{n},人{n},x,2026-06-{n:02}" for n in (3, 28, 9, 17, 22, 1)]
    told = read(put("order,nickname,item,date\n" + "\n".join(days)), limit=3)
    assert [o.name for o in told.orders] == ["人28", "人17", "人22"]
    assert told.beyond == 3


def test_memory_is_bounded_however_long_the_list(put):
    line = "1,小鹿,毛衣,2026-06-18 20:00," + "地址" * 200
    file = put("order,nickname,item,date,address\n" + "\n".join([line] * 3_000))
    size = file.stat().st_size
    tracemalloc.start()
    told = read(file, limit=300)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told.beyond == 2_700
    assert size > 3_500_000
    assert peak < 1_500_000


FAULTS = [
    (b"", OrdersEmptyError),
    (b"\xef\xbb\xbf \r\n", OrdersEmptyError),
    (b"PK\x03\x04rest", OrdersSheetError),
    (b"\xd0\xcf\x11\xe0rest", OrdersSheetError),
    ("你好,世界\n1,2\n".encode(), OrdersColumnsError),
    ("商品,批次\n毛衣,1\n".encode(), OrdersColumnsError),
    (bytes(range(256)) * 40, OrdersColumnsError),
]


@pytest.mark.parametrize(("content", "error"), FAULTS)
def test_what_is_no_order_list_is_refused_in_words(put, content, error):
    with pytest.raises(error) as caught:
        read(put(content))
    for locale in LOCALES:
        message, hint = words(locale).error(caught.value.code, caught.value.params)
        assert "orders.csv" in message
        assert hint


def test_files_that_cannot_be_opened_are_refused_in_words(tmp_path, put, monkeypatch):
    with pytest.raises(OrdersMissingError):
        read(tmp_path / "none.csv")
    with pytest.raises(OrdersError):
        read(tmp_path)

    def refuse(*_):
        raise PermissionError

    file = put(DOUDIAN)
    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(OrdersForbiddenError):
        read(file)


TIMES = [
    ("2026-06-18 20:00:00", EIGHT_PM), ("2026/6/18 20:00", EIGHT_PM),
    ("2026年6月18日 20:00", EIGHT_PM),
    ("2026-06-18T12:00:00Z", EIGHT_PM), ("2026-06-18T12:00:00.000+00:00", EIGHT_PM),
    ("2026-06-18 08:00:00 -0400", EIGHT_PM), ("06/18/2026 8:00:00 PM", EIGHT_PM),
    ("18/06/2026 20:00", EIGHT_PM), ("2026-06-18 下午 8:00", EIGHT_PM), ("1781784000", EIGHT_PM),
    ("1781784000000", EIGHT_PM), ("2026-06-18", EIGHT_PM - 20 * 3_600_000),
    ("03/04/2026 20:00", None), ("", None), ("-", None), ("2026-13-45", None), ("9" * 40, None),
    ("0000-00-00 00:00:00", None), ("12:30", None), ("2026-06-18 25:00", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at_ms"), TIMES)
def test_times_as_shops_write_them(text, at_ms):
    assert moment_ms(text, CHINA) == at_ms


@given(st.text(max_size=50))
def test_whatever_stands_in_a_time_it_is_a_time_or_none(text):
    assert isinstance(moment_ms(text, CHINA), int | None)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=12), st.sampled_from(",;\t|"))
def test_what_a_csv_writer_writes_is_read_whole(put, rows, delimiter):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["order", "nickname", "item", "date"])
    for n, (name, item) in enumerate(rows):
        writer.writerow([1000 + n, name, item, "2026-06-18"])
    told = read(put(out.getvalue()))
    assert told.skipped == 0
    assert [order.tail for order in told.orders] == [str(1000 + n) for n in range(len(rows))]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=120
)
@given(st.binary(max_size=600), st.integers(0, 400), st.sampled_from(["utf-8", "gbk", "utf-16"]))
def test_whatever_comes_we_raise_only_our_own_error(put, rubbish, place, encoding):
    good = "\n".join([DOUDIAN, LINE, LINE]).encode(encoding)
    for content in (rubbish, good[:place] + rubbish + good[place:]):
        try:
            told = read(put(content), limit=10)
        except OrdersError:
            continue
        assert len(told.orders) <= 10
        assert all(len(order.tail) <= TAIL for order in told.orders)


def test_a_users_own_names_of_columns_are_understood(tmp_path, put, monkeypatch):
    own = tmp_path / "data" / "content" / "shops" / "columns.toml"
    own.parent.mkdir(parents=True)
    own.write_text(
        '[[shop]]\nid="mine"\nzh="我的"\nen="Mine"\nsource="own"\norder=["编码"]\nname=["花名"]\n',
        encoding="utf-8",
    )
    assert read_orders(put("编码,花名\n12,小鹿\n")).shop == "mine"


def test_a_header_needs_a_number_or_a_buyer():
    assert understand(["商品", "时间", "批次"], COLUMNS) is None
    assert understand(["订单 编号", "买家昵称（必填）"], COLUMNS) is None
    assert understand(["订单（编号）", " 买家 昵称 "], COLUMNS).places == {"order": 0, "name": 1}
