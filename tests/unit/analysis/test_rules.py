"""Hard lines of the trade, each with why it is hard. None is taken from a show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.analysis.pipeline import classify
from hostdesk.findings import Label, Lane
from tests.unit.analysis.builders import tables

# text · lane (- = none) · a label that must hold (- = any) · a label that must not (- = any) · why
CASES = """
卡了|accident|accident|complaint|the word itself
画面定住了呀|accident|accident|-|a synonym
卡卡卡卡卡|accident|accident|-|stretched
没声音了|accident|accident|-|sound
听不见你说话|accident|accident|-|sound in other words
黑屏了家人们|accident|accident|-|cut
主播人呢|accident|accident|-|the host is gone
no sound here|accident|accident|-|English
it froze again|accident|accident|-|English
the stream is lagging so bad|accident|accident|-|English
cant hear you|accident|accident|-|no apostrophe
沒聲音了|accident|accident|-|traditional characters
卡 了|accident|accident|-|spread out
银行卡能付吗|-|question|accident|卡 is a card here
我的信用卡刷不了吗|-|question|accident|a card again
贺卡能写字吗|-|question|accident|a greeting card
今天打卡第三天|-|-|accident|打卡 is checking in
这个卡点视频好听|-|-|accident|a cut to music
卡哇伊|-|-|accident|cute, by sound
刚才卡那会儿我去倒水了|-|-|accident|it is over
购物卡送不送|-|question|accident|a gift card
内存卡要另外买吗|-|question|accident|a memory card
没声音了吗|-|question|accident|only asks
卡不卡|-|question|accident|only asks
静音吗这个风扇|-|question|accident|a property of the goods
不卡了|-|-|accident|denied: it is over
我这边不卡|-|-|accident|denied
有声音了|-|-|accident|recovery
终于好了|-|-|accident|recovery
洗了两次就起球|answer|complaint|hostile|a real defect
穿一次就开线了什么质量|answer|complaint|hostile|a defect with anger
袖口起了一圈毛球|answer|complaint|-|a defect, no fixed word order
第一次洗水都是红的|answer|complaint|-|bleeds colour
收到就是坏的|answer|complaint|-|broken on arrival
味道太刺鼻了不敢穿|answer|complaint|-|smell
鞋底断了才穿一周|answer|complaint|accident|断了 of a shoe is no cut
银手镯发黑了|-|-|accident|黑 of silver is no black screen
锅底糊了|-|-|accident|burnt, not blurred
跟图片完全不一样 照骗|answer|complaint|-|not as shown
尺码偏小穿不下|answer|complaint|-|size
实物差 太失望了|answer|complaint|-|disappointed
不好用 后悔买|answer|complaint|praise|praise denied
不起球|-|praise|complaint|the defect denied
穿了半年没起球|-|praise|complaint|denied with a filler
一点都不掉色|-|-|complaint|denied
没掉毛挺好|-|praise|complaint|denied
洗了不变形|-|praise|complaint|denied
起球吗|-|question|complaint|a question
会不会掉色啊|-|question|complaint|a question
这种容易起球吗|-|question|complaint|a question
起不起球|-|question|complaint|a question without 吗
掉毛不|-|question|complaint|a question by its last word
怕起球|-|-|complaint|feared, not happened
万一不合适呢|-|-|complaint|supposed
坏了怎么办|-|question|complaint|supposed
坏了包赔吗|-|question|complaint|supposed
别家的老是起球|-|-|complaint|another shop's
我买的起球了能退吗|answer|complaint|-|own goods, although it asks
怎么又掉色了|answer|complaint|-|rhetorical, not a question
为什么我的拉链坏了没人管|answer|complaint|-|rhetorical
pilling after one wash|answer|complaint|-|English
not pilling at all|-|-|complaint|denied in English
does it shrink?|-|question|complaint|a question in English
is it see through|-|question|complaint|a question without a mark
arrived broken|answer|complaint|-|English
runs small and the seam split|answer|complaint|-|English, two defects
客服三天不回消息|answer|complaint|hostile|nobody answers
问了三遍没人理|answer|complaint|-|nobody answers
客服已读不回是吧|answer|complaint|-|nobody answers
煞笔客服 退款半个月没到账|support|complaint|-|insult and complaint: the complaint decides
垃圾玩意 洗一次就破了|answer|complaint|-|insult and complaint
什么破质量 骗子|answer|complaint|-|accusation and complaint
废物主播 衣服掉色你管不管|answer|complaint|-|insult and complaint
退款五天了还没到|support|complaint|-|one order's money
快递一周没动了|support|complaint|-|one parcel
我的包裹丢了|support|complaint|-|one parcel
还没发货 催了三次|support|complaint|-|one order
where is my order|support|complaint|-|one order, English
refund still pending, refund denied twice|support|complaint|-|one order, English
说好48小时发货呢|support|complaint|-|one order
什么时候发货|-|question|complaint|an ordinary question
几天能到|-|question|complaint|an ordinary question
怎么退货|-|question|complaint|an ordinary question
能退吗|-|question|complaint|an ordinary question
退退退哈哈|-|-|complaint|a meme
退休前最后一件|-|-|complaint|退 in another word
券用不了|answer|complaint|-|an offer that fails
比上次贵了十块|answer|price|-|price
刚买完就降价 背刺|answer|price|-|price
越来越贵了|answer|price|-|price
链接错了吧|answer|complaint|-|wrong link
赠品没有给我|support|complaint|-|gift missing from one order
过敏了脸都红了|answer|safety|-|safety first
孩子吃了拉肚子|answer|safety|-|safety
充电器冒烟|answer|safety|-|safety
插上就漏电 电到手|answer|safety|-|safety
敏感肌能用吗|-|question|safety|asks
过敏体质可以用吗|-|question|safety|asks
手速冒烟了哈哈|-|-|safety|a joke
笑得肚子疼|-|-|safety|laughing
got a rash after using it|answer|safety|-|English
假货吧|verify|rumour|hostile|a claim nobody checked
听说这家被罚过|verify|rumour|-|hearsay
网上都说是贴牌|verify|rumour|-|hearsay
前员工爆料 老板跑路了|verify|rumour|accident|the owner ran, not the stream
全是托|verify|rumour|-|a claim
这不是真皮 假的|answer|complaint|-|a claim about goods in hand
假一赔十吗|-|question|rumour|a question about a promise
是正品吗|-|question|rumour|a question
真的假的|-|-|rumour|"really?"
放假发货吗|-|question|rumour|假 is a holiday
假两件好看|-|praise|rumour|a cut of clothing
假发多少钱|-|question|rumour|a wig
people are saying it's fake|verify|rumour|-|English
faux fur is so soft|-|praise|rumour|not a claim
煞笔主播|dispose|hostile|complaint|cloaked by sound
傻🐎 nmsl|dispose|hostile|-|initials
s b|dispose|hostile|-|spread letters
S B主播|dispose|hostile|-|spread capitals
ｓｂ|dispose|hostile|-|full width
草尼玛|dispose|hostile|-|other characters, same sound
操尼马的|dispose|hostile|-|other characters, same sound
臭不要脸|dispose|hostile|-|plain
滚出直播间|dispose|hostile|-|plain
主播是猪一样的|dispose|hostile|-|plain
死 全 家|dispose|hostile|-|spread out
stfu idiot|dispose|hostile|-|English
杀疯了|-|-|hostile|praise for prices
骚得好看|-|-|hostile|praise for a colour
笑死我了|-|-|hostile|laughing
贵死了|-|-|hostile|a figure of speech
好看死了|-|praise|hostile|praise
滚筒洗衣机能洗吗|-|question|hostile|a drum
垃圾袋多少钱|-|question|hostile|a bag
小丑竟是我|-|-|hostile|about oneself
我这猪脑子又忘领券|-|-|hostile|about oneself
单身狗哭了|-|-|hostile|about oneself
狗狗能用吗|-|question|hostile|a dog
绿茶味的有吗|-|question|hostile|a flavour
送你妈妈正好|-|-|hostile|somebody's mother
孕妇吃了会吐吗|-|question|hostile|asks
我没脑子地买了三件|-|-|hostile|about oneself
智商税吗|-|question|hostile|asks
加V信 xw8899 领红包|dispose|spam|-|an ad
兼职日结三百|dispose|spam|-|an ad
看我主页有福利|dispose|spam|-|an ad
同款便宜 来我直播间|dispose|spam|-|an ad
支持一件代发吗|-|question|spam|asks the shop
成人码有吗|-|question|spam|a size
check my profile for cheap followers|dispose|spam|-|English
她电话是13812345678|dispose|privacy|-|a number
主播家住在幸福小区3栋2单元|dispose|privacy|-|an address
快递单露出来了 打码一下|answer|privacy|-|a warning, not a breach
我家住新疆包邮吗|-|question|privacy|says where, publishes nobody
我是小学生可以买吗|answer|minor|-|a minor
孩子偷偷用我手机下的单|support|minor|-|a guardian
我家8岁穿多大|-|question|minor|a parent asks
再不处理我打12315|support|legal|-|a legal claim
已经录屏 等着律师函|support|legal|-|a legal claim
多少钱|-|question|-|an ordinary question
几号链接|-|question|-|an ordinary question
160斤能穿吗|-|question|-|an ordinary question
有大码吗|-|question|-|an ordinary question
油皮适合哪款|-|question|-|an ordinary question
how much|-|question|-|an ordinary question
which link is it|-|question|-|an ordinary question
没付上款 订单还在吗|answer|question|-|cannot wait for a group
主播讲得真清楚|-|praise|-|praise
回购第三次|-|praise|-|praise
发货好快|-|praise|complaint|praise
不好意思来晚了|-|-|complaint|politeness, not denied praise
666|-|-|-|an echo
哈哈哈哈|-|-|-|an echo
扣1|-|-|-|an echo
主播晚上好|-|-|-|a greeting
刚下班|-|-|-|small talk
我在湖北|-|-|-|small talk
🎉🎉🎉|-|-|-|emoji only
！！！|-|-|-|punctuation only
"""


def _cases() -> list[tuple[str, ...]]:
    return [tuple(line.split("|")) for line in CASES.strip().splitlines()]


@pytest.mark.parametrize(("text", "lane", "holds", "not_so", "why"), _cases())
def test_hard_lines(text: str, lane: str, holds: str, not_so: str, why: str):
    verdict = classify(text, tables())
    found = (verdict.lane or "-", [label.value for label in verdict.labels], verdict.topic)
    assert (verdict.lane or "-") == lane, (why, found)
    assert holds == "-" or Label(holds) in verdict.labels, (why, found)
    assert not_so == "-" or Label(not_so) not in verdict.labels, (why, found)


def test_there_are_enough_hard_lines():
    assert len(_cases()) >= 150


@given(
    st.text(max_size=60)
    | st.text(alphabet="卡了不起球吗没声音sb退款假货?？ ！买洗次就掉色", max_size=25)
)
def test_whatever_is_written_spans_lie_in_the_text_and_a_complaint_is_never_disposed_of(text: str):
    verdict = classify(text, tables())
    assert all(0 <= span.start < span.end <= len(text) for span in verdict.spans)
    assert all(0 <= score <= 1 for score in verdict.scores.values())
    if Label.COMPLAINT in verdict.labels or Label.SAFETY in verdict.labels:
        assert verdict.lane in (Lane.ANSWER, Lane.SUPPORT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("主播你们家的毛衣起球了", "起球"),
        ("煞 笔 主持，退款呢", "煞 笔"),
        ("沒聲音了喂", "沒聲音"),
        ("ＮＯ　ＳＯＵＮＤ", "ＮＯ　ＳＯＵＮＤ"),
        ("卡\u200b了啊", "卡\u200b了"),
    ],
)
def test_the_words_found_are_marked_as_the_viewer_wrote_them(text: str, words: str):
    assert words in [text[span.start : span.end] for span in classify(text, tables()).spans]


def test_a_million_characters_are_judged_by_their_beginning():
    verdict = classify("卡了" + "啊呀" * 500_000, tables())
    assert verdict.lane is Lane.ACCIDENT
