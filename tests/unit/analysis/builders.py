"""Rooms, raids and crowds for tests: seeded, so the same every time."""

import functools
import random
from collections.abc import Iterable, Sequence

from hostdesk.analysis.pipeline import Pipeline
from hostdesk.analysis.tables import Tables
from hostdesk.content.lexicons import load_tables
from hostdesk.events import AnyEvent, AuthorId, Comment
from hostdesk.findings import Derived, Finding, QuestionGroup, Verdict

START_MS = 1_750_000_000_000

EVENING = [
    "这个多少钱",
    "好看",
    "主播晚上好",
    "几号链接",
    "有没有M码",
    "什么时候发货",
    "哈哈哈",
    "666",
    "拍了",
    "颜色真好看",
    "这件纯棉的吗",
    "我160斤穿多大",
    "包邮吗",
    "等等我",
    "手慢了",
    "领券在哪",
    "质量不错 回购了",
    "刚下班来看看",
    "主播今天真精神",
    "3号还有货吗",
    "讲一下5号",
    "我妈很喜欢这个",
    "面料摸着舒服",
    "新疆发货吗",
    "蹲一个福利",
    "昨天买的到了 挺快",
    "尺码正好",
    "主播辛苦了",
    "家人们冲啊",
    "晚饭吃了吗",
    "今天好热",
    "有大码吗",
    "运费险有吗",
    "孕妇能穿吗",
    "黑色好看还是白色",
    "显瘦吗",
    "快递用什么",
    "加个库存呗",
    "how much is it",
    "love the colour",
    "第一次来",
    "我在重庆",
    "外面下雨了",
    "楼上说得对",
    "小助理好可爱",
    "喝口水吧主播",
]
"""What people say on an ordinary evening."""

_CHARS = (
    "的是我在有这个主播衣服好看颜色面料今天昨天晚上朋友孩子妈妈春夏秋冬红黑白蓝上班吃饭看见知道觉得"
)


@functools.cache
def tables() -> Tables:
    """The shipped lexicon, loaded once."""
    return load_tables()


def said(
    text: str,
    who: str = "ann",
    at_s: float = 0.0,
    *,
    level: int | None = 10,
    order: bool | None = None,
) -> Comment:
    """One comment, seconds after `START_MS`."""
    return Comment(
        at_ms=START_MS + int(at_s * 1000),
        author_id=AuthorId(who),
        author_name=who,
        author_level=level,
        text=text,
        has_order=order,
        platform="demo",
    )


def crowd(
    texts: Sequence[str],
    at_s: float,
    *,
    every_s: float = 0.5,
    who: str = "c",
    level: int | None = 9,
) -> list[Comment]:
    """One text per person, one after the other."""
    return [
        said(text, f"{who}{n}", at_s + n * every_s, level=level) for n, text in enumerate(texts)
    ]


def evening(
    seed: int, minutes: float, *, rate: float = 2.0, regulars: int = 250, newcomers: float = 0.15
) -> list[Comment]:
    """An ordinary room: ``rate`` comments a second, some of them by people just come."""
    dice = random.Random(seed)
    comments: list[Comment] = []
    at_s, arrived = 0.0, 0
    while at_s < minutes * 60:
        at_s += dice.expovariate(rate)
        if dice.random() < newcomers:
            arrived += 1
            who, level = f"new{arrived}", dice.choice([0, 0, 1, 2, 3, 6])
        else:
            number = dice.randrange(regulars)
            who, level = f"r{number}", 3 + number * 7 % 30
        comments.append(said(_line(dice), who, at_s, level=level))
    return comments


def _line(dice: random.Random) -> str:
    if dice.random() < 0.5:
        return dice.choice(EVENING)
    return "".join(dice.choice(_CHARS) for _ in range(dice.randint(3, 12)))


def edited(text: str, dice: random.Random, edits: int = 2) -> str:
    """``text`` as a paid poster changes it: a character here, an emoji there."""
    chars = list(text)
    for _ in range(dice.randint(0, edits)):
        place = dice.randrange(len(chars))
        how = dice.random()
        if how < 0.4:
            chars[place] = dice.choice(_CHARS)
        elif how < 0.7:
            chars.insert(place, dice.choice("啊呀！～😡🙏"))
        elif len(chars) > 8:
            del chars[place]
    return "".join(chars)


def play(events: Iterable[AnyEvent], pipeline: Pipeline | None = None) -> list[Derived]:
    """Everything the analysis makes of ``events``, in order of their time."""
    pipeline = pipeline or Pipeline(tables())
    derived: list[Derived] = []
    for seq, event in enumerate(sorted(events, key=lambda event: event.at_ms), 1):
        derived += pipeline.receive(seq, event)
    return derived


def findings(derived: Iterable[Derived], kind: str) -> list[Finding]:
    """The findings of one kind."""
    return [one for one in derived if isinstance(one, Finding) and one.finding_kind == kind]


def groups(derived: Iterable[Derived], topic: str) -> list[QuestionGroup]:
    """The question groups of one topic."""
    return [one for one in derived if isinstance(one, QuestionGroup) and one.topic == topic]


def verdicts(derived: Iterable[Derived]) -> list[Verdict]:
    """The verdicts on the single comments."""
    return [one for one in derived if isinstance(one, Verdict)]
