"""The wording of the shipped replies: short, calm, no blame, no money."""

import re

import msgspec
import pytest

from hostdesk.content.replies import load_defaults
from hostdesk.counsel.replies import limit_of, overlong, ready

NEVER = re.compile(
    r"同行|对家|对手|水军|黑公关|职业打假|尽快|马上|立刻|立即|稍后|第一时间|近期|绝对|"
    r"全网|赔你|赔您|不是我们的(责任|问题)|\b(soon|asap|shortly|competitor|rival|bots?)\b",
    re.IGNORECASE,
)
AMOUNT = re.compile(r"\d+\s*(元|块|%|折)|[¥$€]\s*\d", re.IGNORECASE)


def wordings(shipped):
    for reply in shipped.library.replies:
        for locale in ("zh", "en"):
            for form, text in msgspec.structs.asdict(reply.forms(locale)).items():
                yield reply.id, locale, form, text


def test_the_whole_library_is_there(shipped):
    ids = {reply.id for reply in shipped.library.replies}
    assert {f"R{number:02}" for number in range(1, 75)} <= ids
    everyday = {reply.intent for reply in shipped.library.replies if reply.id.startswith("E")}
    assert {
        "size_ask", "price_ask", "link_ask", "coupon_ask", "shipping_ask", "stock_ask",
        "material_ask", "usage_ask", "returns_ask", "colour_ask", "tryon_ask", "repeat_ask",
    } <= everyday  # fmt: skip


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("filled", [True, False])
def test_every_reply_is_short_with_typical_values_and_without(shipped, typical, locale, filled):
    defaults = load_defaults()[locale]
    slots = typical[locale] if filled else {}
    too_long = {}
    for reply in shipped.library.replies:
        said = ready(reply, locale, slots, defaults)
        assert said or not filled, f"{reply.id}: a slot has no typical value"
        if said and overlong(reply, locale, said):
            too_long[reply.id] = (said, overlong(reply, locale, said))
    assert not too_long


def test_no_form_says_what_we_never_say(shipped):
    found = [each for each in wordings(shipped) if NEVER.search(each[3])]
    assert not found


def test_no_form_names_an_amount(shipped):
    assert not [each for each in wordings(shipped) if AMOUNT.search(each[3])]


def test_zh_is_chinese_and_en_is_not(shipped):
    for reply_id, locale, form, text in wordings(shipped):
        has_han = bool(re.search(r"[\u4e00-\u9fff]", text))
        assert has_han == (locale == "zh"), (reply_id, locale, form)


def test_no_wording_stands_twice(shipped):
    for locale in ("zh", "en"):
        says = [reply.forms(locale).say for reply in shipped.library.replies]
        assert len(says) == len(set(says))


def test_a_long_product_name_gives_way(shipped):
    jibe = shipped.library.get("R41")
    said = ready(jibe, "zh", {"product": "燕麦色慵懒风重工提花针织开衫外套"}, {"product": "这款"})
    assert "这款" in said.say
    assert len(said.say) <= limit_of("say", "zh")


def test_a_reply_that_lacks_a_value_is_not_ready(shipped):
    disproved = shipped.library.get("R49")
    assert ready(disproved, "zh", {}, {}) is None
    assert "质检报告" in ready(disproved, "zh", {"evidence": "质检报告"}, {}).say


def test_money_is_marked(shipped):
    """Whoever promises freight, restores an offer or prepays, commits money."""
    money = re.compile(r"运费我们|补登|我们先付|freight on us|prepay|restores")
    for reply in shipped.library.replies:
        text = " ".join(msgspec.structs.astuple(reply.zh) + msgspec.structs.astuple(reply.en))
        assert bool(money.search(text)) == reply.binds, reply.id
