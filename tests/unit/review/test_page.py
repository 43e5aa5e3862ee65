import html.parser
import xml.etree.ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostdesk import paths
from hostdesk.events import CardSettled, NoticeAsked, Removed, ReplyUsed
from hostdesk.review.page import lines, render
from hostdesk.review.telling import Teller
from hostdesk.review.timeline import Timeline
from hostdesk.text import words

TEMPLATE = (paths.resources() / "review" / "page.html.jinja").read_text(encoding="utf-8")
NASTY = '<script>alert(1)</script><img src=x onerror="x">{{ 7*7 }}{% raw %}&lt;\'"</td></svg>'
OURS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "br", "div",
    "span", "table", "tr", "th", "td", "svg", "rect", "line", "text",
}  # fmt: skip


class Tags(html.parser.HTMLParser):
    """Collects the elements and attributes of a page."""

    def __init__(self, page):
        super().__init__()
        self.found, self.attributes, self.text = set(), set(), ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def busy(open_show, text):
    """A show in which ``text`` is everywhere that people's words can stand."""
    show = open_show(title=text)
    for number in range(12):
        show.said(number, f"卡了画面不动了{text}", who=f"v{number}", author_name=text)
    accident = show.card("accident:")
    show.said(20, f"我买的起球了 质量太差{text}", who="b", author_name=text, has_order=True)
    show.at(21, NoticeAsked, text=f"20:30 前更新{text}"[:100])
    show.at(22, ReplyUsed, text=f"我在，20:30{text}", way="copied", card_id=accident)
    show.at(23, CardSettled, card_id=accident, how="handed_over", reason=text)
    show.said(24, f"兼职日结 加微信 看我主页{text}", who="ad")
    for card in show.core.desk.cards.panel().cards:
        if card.lane == "dispose":
            show.at(25, CardSettled, card_id=card.card_id, how="disposed", reason=text or "x")
    return show.close(60)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_what_viewers_wrote_stays_text(open_show, locale):
    page = render(busy(open_show, NASTY).review(), words(locale), TEMPLATE)
    tags = Tags(page)
    assert tags.found <= OURS
    assert not any(name.startswith("on") for name in tags.attributes)
    assert "{{ 7*7 }}" in tags.text
    assert "49" not in tags.text.split("{{ 7*7 }}")[1][:3]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_whatever_viewers_write_adds_no_element(open_show, text):
    review = busy(open_show, text).review()
    assert Tags(render(review, words("en"), TEMPLATE)).found <= OURS
    assert list(lines(review, words("en")))


def test_the_page_needs_nothing_from_outside(open_show):
    page = render(busy(open_show, "").review(), words("zh"), TEMPLATE)
    without_namespace = page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    for sign in ("http:", "https:", "src=", "href=", "url(", "@import", "<script"):
        assert sign not in without_namespace, sign


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_an_empty_show_has_a_page_too(show, locale):
    page = render(show.review(), words(locale), TEMPLATE)
    assert words(locale)("review.no_comments") in page
    assert words(locale)("review.no_moments") in page
    assert "None" not in Tags(page).text


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_an_accident_without_any_act_says_so(show, locale):
    for number in range(12):
        show.said(number, "卡了画面不动了", who=f"v{number}")
    review, say = show.close(60).review(), words(locale)
    assert say("review.nothing_done") in render(review, say, TEMPLATE)
    assert any(say("review.nothing_done") in line for line in lines(review, say))


@pytest.mark.parametrize("length_s", [1, 59, 3_600, 9 * 3_600])
def test_the_timeline_is_a_whole_picture(open_show, length_s):
    show = open_show(title=NASTY)
    show.said(0, "来了")
    show.said(length_s, "走了", who="b")
    review = show.review()
    drawing = Timeline(review, Teller(words("zh"), 480)).draw()
    root = ET.fromstring(drawing)
    width, height = float(root.get("width")), float(root.get("height"))
    for box in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, wide, tall = (float(box.get(name)) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= width
        assert x + wide <= width
        assert 0 <= y <= y + tall <= height


def test_our_words_are_all_used():
    """A sentence that nothing says any more is thrown out."""
    review = paths.resources().parent / "hostdesk" / "review"
    source = TEMPLATE + "".join(file.read_text(encoding="utf-8") for file in review.glob("*.py"))
    for key in words("zh").keys():  # noqa: SIM118
        if key.startswith("review."):
            group = key.rpartition(".")[0]
            assert key in source or (group != "review" and f"{group}." in source), key


def test_what_the_platform_deleted_has_a_count_and_its_words_stay_readable(show):
    show.said(1, "我买的这件起球了", comment_id="c1")
    show.at(2, Removed, comment_id="c1")
    review = show.close(60).review()
    page = render(review, words("zh"), TEMPLATE)
    assert '<span class="struck">我买的这件起球了</span> <span class="tag">平台已删</span>' in page
    assert "平台已删单独删除 1 条" in "".join(Tags(page).text.split("\n"))
    assert "平台已删  单独删除 1 条" in list(lines(review, words("zh")))


def test_where_nothing_was_deleted_nothing_is_said_of_it(show):
    show.said(1, "我买的这件起球了", comment_id="c1")
    review = show.close(60).review()
    assert "平台已删" not in render(review, words("zh"), TEMPLATE)
    assert not [line for line in lines(review, words("zh")) if "平台已删" in line]
