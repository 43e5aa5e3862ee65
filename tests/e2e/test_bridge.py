"""The browser bridge in real Chromium, on pages modelled on the platforms' own.

What the page really showed (`window.shown`) must have reached the inbox: each comment once, in
order, nothing left out.
"""

import asyncio
import itertools
import json

import pytest

from hostdesk.events import Comment, SourceState
from hostdesk.sources.inbox import Inbox
from tests.bridge.chromium import Chromium, Screen, until
from tests.bridge.recorder import Platforms, Recorder

pytestmark = pytest.mark.e2e
TOKEN = "a-token-for-the-bridge"
COVERED = "页面被遮住，弹幕可能不全"
rooms = itertools.count(1001)


@pytest.fixture(scope="module")
def platforms(tmp_path_factory):
    served = Platforms(tmp_path_factory.mktemp("tls"))
    yield served
    served.stop()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory, platforms):
    folder = tmp_path_factory.mktemp("chromium")
    screen = Screen(folder)
    started = Chromium(folder, screen, platforms.port)
    yield started
    started.stop()
    screen.stop()


@pytest.fixture
async def talk(chromium):
    async with chromium.talk() as talking:
        yield talking


@pytest.fixture
async def inbox(talk):
    recorder = Recorder(TOKEN)
    await set_inbox(talk, recorder.port)
    yield recorder
    recorder.down()


async def set_inbox(talk, port, token=TOKEN):
    settings = json.dumps({"port": port, "token": token, "choices": {}})
    await talk.in_worker(f"chrome.storage.local.set({settings})")


def bilibili(page):
    return f"https://live.bilibili.com/{next(rooms)}?page={page}"


def douyin(page):
    return f"https://live.douyin.com/{next(rooms)}?page={page}"


def buyin(page):
    return f"https://buyin.jinritemai.com/dashboard/live/control/{next(rooms)}?page={page}"


def kuaishou(page):
    return f"https://live.kuaishou.com/u/room{next(rooms)}?page={page}"


def room_of(url):
    address = url.removeprefix("https://").partition("?")[0]
    return address if address.startswith("buyin") else address.rpartition("/")[2]


async def all_arrived(inbox, page, room):
    """Wait until as much arrived as was shown; then it must be the same, in the same order."""
    shown = await page.shown()
    await until(lambda: len(inbox.comments(room)) >= len(shown))
    assert inbox.comments(room) == shown


async def found(page, inbox, url):
    """The page shows some comments, and the bridge has found its list."""
    await page.run("drive({count: 6, everyMs: 60})")
    await until(lambda: "live" in inbox.states(room_of(url)))
    await until(lambda: len(inbox.comments(room_of(url))) >= 6)


@pytest.mark.parametrize(
    ("why", "where", "page", "speed"),
    [
        ("appended", bilibili, "plain", {"count": 300, "everyMs": 10}),
        ("appended, 200 a second, one by one", bilibili, "plain", {"count": 1000, "everyMs": 5}),
        ("trimmed at 100, 200 a second in clumps", buyin, "trimmed",
         {"count": 1000, "everyMs": 50, "perTick": 10}),
        ("virtual, elements used again", douyin, "virtual", {"count": 600, "everyMs": 5}),
        ("words move up in fixed lines", kuaishou, "inplace", {"count": 300, "everyMs": 8}),
        ("drawn anew with each comment and every second", buyin, "rerendered",
         {"count": 260, "everyMs": 20, "perTick": 2}),
        ("badges, levels, times, pictures, names nobody knows", kuaishou, "nested",
         {"count": 400, "everyMs": 10}),
    ],
)  # fmt: skip
async def test_each_comment_that_was_shown_arrives_once(talk, inbox, why, where, page, speed):
    url = where(page)
    tab = await talk.open(url)
    await found(tab, inbox, url)
    await tab.run(f"drive({json.dumps({'from': 6, **speed})})")
    await all_arrived(inbox, tab, room_of(url))
    assert len(set(inbox.comments(room_of(url)))) < len(inbox.comments(room_of(url))), (
        "the same words by the same person are two comments"
    )


async def test_the_newest_on_top_is_read_in_order(talk, inbox):
    url = buyin("newest_first")
    tab = await talk.open(url)
    await tab.run("drive({count: 1})")
    await tab.run("drive({from: 1, count: 40, everyMs: 40})")
    await until(lambda: len(inbox.comments(room_of(url))) >= 41)
    await tab.run("drive({from: 41, count: 200, everyMs: 5})")
    shown = await tab.shown()
    await until(lambda: len(inbox.comments(room_of(url))) >= len(shown))
    arrived = inbox.comments(room_of(url))
    assert sorted(arrived) == sorted(shown)
    assert arrived[60:] == shown[60:]


async def test_a_list_taken_out_and_mounted_anew_says_nothing_twice(talk, inbox):
    url = buyin("remounted")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    for start in (6, 46, 86):
        await tab.run(f"drive({{from: {start}, count: 40, everyMs: 8}})")
        await tab.run("unmount()")
        await tab.run("new Promise((done) => setTimeout(done, 120)).then(mount)")
    await tab.run("drive({from: 126, count: 20, everyMs: 8})")
    await all_arrived(inbox, tab, room_of(url))


async def test_scrolling_back_reads_nothing_twice(talk, inbox):
    url = douyin("virtual")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    await tab.run("drive({from: 6, count: 150, everyMs: 5})")
    await tab.run(
        """(async () => { const box = document.getElementById("box");
        for (const to of [2400, 1200, 0, 900, 1800, 1e9]) { box.scrollTop = to; render();
          await new Promise((done) => setTimeout(done, 40)); } })()"""
    )
    await tab.run("drive({from: 156, count: 30, everyMs: 5})")
    await all_arrived(inbox, tab, room_of(url))


async def test_a_reloaded_page_goes_on_where_it_was(talk, inbox):
    url = buyin("trimmed")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    await tab.run("drive({from: 6, count: 34, everyMs: 8})")
    await all_arrived(inbox, tab, room_of(url))
    before = await tab.shown()
    await tab.reload()
    again = f"for (const said of {json.dumps(before[-20:])}) show(...said.split('|'))"
    await tab.run(f"{again}; shown.push(...{json.dumps(before)}); drive({{from: 40, count: 20}})")
    await all_arrived(inbox, tab, room_of(url))


async def test_a_background_tab_is_told_as_covered_and_loses_nothing_that_its_page_showed(
    talk, inbox
):
    url = bilibili("plain")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    other = await talk.open("about:blank#other")
    await other.activate()
    await until(lambda: inbox.states(room_of(url))[-1:] == ["covered"])
    assert COVERED in inbox.details()
    await tab.run("drive({from: 6, count: 40, everyMs: 20, perTick: 20})")
    await all_arrived(inbox, tab, room_of(url))
    await tab.activate()
    await until(lambda: inbox.states(room_of(url))[-1:] == ["live"])


async def test_a_minimised_window_is_told_as_covered(talk, inbox):
    url = bilibili("plain")
    tab = await talk.open(url, newWindow=True)
    await found(tab, inbox, url)
    await tab.window("minimized")
    await until(lambda: inbox.states(room_of(url))[-1:] == ["covered"])
    await tab.window("normal")
    await until(lambda: inbox.states(room_of(url))[-1:] == ["live"])
    await tab.run("drive({from: 6, count: 40, everyMs: 8})")
    await all_arrived(inbox, tab, room_of(url))


async def test_a_window_behind_another_one_is_told_as_covered(talk, inbox):
    url = bilibili("plain")
    tab = await talk.open(url, newWindow=True)
    await found(tab, inbox, url)
    front = await talk.open("about:blank#front", newWindow=True)
    await front.window("maximized")
    await until(lambda: inbox.states(room_of(url))[-1:] == ["covered"])
    await tab.run("drive({from: 6, count: 60, everyMs: 20, perTick: 30})")
    await all_arrived(inbox, tab, room_of(url))
    await front.close()
    await until(lambda: inbox.states(room_of(url))[-1:] == ["live"])


async def test_a_folded_list_is_told(talk, inbox):
    url = buyin("trimmed")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    await tab.run("document.getElementById('box').style.display = 'none'")
    await until(lambda: inbox.states(room_of(url))[-1:] == ["covered"])
    assert any("没显示" in detail for detail in inbox.details())
    assert "list_hidden" in inbox.reasons()


async def test_a_page_that_changed_says_so_instead_of_going_silent(talk, inbox):
    url = bilibili("changed")
    await talk.open(url)
    await until(lambda: inbox.states(room_of(url)))
    assert set(inbox.states(room_of(url))) == {"page_changed"}
    assert inbox.details()[-1].startswith("页面变了")


async def test_a_list_that_is_lost_while_reading_is_told_as_a_changed_page(talk, inbox):
    url = buyin("remounted")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    await tab.run("unmount()")
    await until(lambda: inbox.states(room_of(url))[-1:] == ["page_changed"])


async def test_a_list_read_by_its_shape_says_that_somebody_should_look(talk, inbox):
    url = kuaishou("nested")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    await until(lambda: any("核对" in detail for detail in inbox.details()))
    assert "by_shape" in inbox.reasons()


async def test_nothing_is_lost_when_the_browser_ends_the_worker(talk, inbox):
    url = bilibili("plain")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    for start in range(6, 606, 150):
        driving = tab.run(f"drive({{from: {start}, count: 150, everyMs: 8}})")
        await asyncio.gather(driving, talk.end_worker())
    await all_arrived(inbox, tab, room_of(url))


async def test_hostdesk_away_and_back(talk, inbox):
    url = bilibili("plain")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    inbox.down()
    await tab.run("drive({from: 6, count: 300, everyMs: 8})")
    waiting = (
        "chrome.storage.session.get(null)"
        ".then((all) => Object.keys(all).filter((key) => key.startsWith('out:')).length)"
    )
    await until(lambda: talk.in_worker(waiting))
    inbox.up()
    await all_arrived(inbox, tab, room_of(url))
    assert await until(lambda: talk.in_worker(f"({waiting}).then((n) => n === 0)"))


async def test_hostdesk_away_and_the_worker_ended(talk, inbox):
    url = bilibili("plain")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    inbox.down()
    await tab.run("drive({from: 6, count: 200, everyMs: 8})")
    await talk.end_worker()
    await tab.run("drive({from: 206, count: 100, everyMs: 8})")
    inbox.up()
    await all_arrived(inbox, tab, room_of(url))


@pytest.mark.parametrize("status", [503, 429, 500])
async def test_a_busy_hostdesk_gets_it_later(talk, inbox, status):
    url = bilibili("plain")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    inbox.answer = status
    await tab.run("drive({from: 6, count: 50, everyMs: 8})")
    inbox.answer = 200
    await all_arrived(inbox, tab, room_of(url))


async def test_a_wrong_token_is_said_and_nothing_is_lost(talk, inbox):
    await set_inbox(talk, inbox.port, "wrong")
    url = bilibili("plain")
    tab = await talk.open(url)
    await tab.run("drive({count: 50, everyMs: 20})")
    await until(lambda: inbox.refused)
    assert inbox.comments() == []
    await set_inbox(talk, inbox.port)
    await all_arrived(inbox, tab, room_of(url))


async def test_two_tabs_of_one_room_say_each_comment_once(talk, inbox):
    url = bilibili("plain")
    first = await talk.open(url)
    second = await talk.open(url, newWindow=True)
    for page in (first, second):
        await page.run("drive({count: 30, everyMs: 8})")
    await all_arrived(inbox, first, room_of(url))
    await first.close()
    await second.run("drive({from: 30, count: 30, everyMs: 20})")
    await all_arrived(inbox, second, room_of(url))


async def test_a_closed_page_is_told_as_ended(talk, inbox):
    url = bilibili("plain")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    await tab.close()
    await until(lambda: inbox.states(room_of(url))[-1:] == ["ended"])


async def test_signs_of_life_come_while_nobody_speaks(talk, inbox):
    url = bilibili("plain")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    told = len(inbox.states(room_of(url)))
    await until(lambda: len(inbox.states(room_of(url))) >= told + 2, limit_s=18)


async def test_the_shop_s_front_page_is_not_read(talk, inbox):
    tab = await talk.open("https://www.tiktok.com/foryou?page=trimmed")
    await tab.run("drive({count: 30, everyMs: 8})")
    url = bilibili("plain")
    await found(await talk.open(url), inbox, url)
    assert inbox.comments() == inbox.comments(room_of(url))


async def test_the_host_points_at_the_list_of_a_page_nobody_knows(talk, inbox, platforms):
    url = f"http://127.0.0.1:{platforms.plain_port}/any/shop?page=nested"
    tab = await talk.open(url)
    await tab.activate()
    await tab.run("drive({count: 30, everyMs: 5})")
    tab_id = (
        "chrome.tabs.query({active: true, url: 'http://127.0.0.1/*'}).then((tabs) => tabs[0].id)"
    )
    popup = await talk.open(
        await talk.in_worker("chrome.runtime.getURL('ui/popup.html')"), background=True
    )
    await popup.run(
        f"{tab_id}.then((tabId) => chrome.runtime.sendMessage({{type: 'choose', tabId}}))"
    )
    row = "document.querySelector('#list > :nth-last-child(2)').getBoundingClientRect()"
    await tab.click(await tab.run(f"{row}.x + 60"), await tab.run(f"{row}.y + 5"))
    assert inbox.comments() == []
    await tab.press("对，就是它")
    room = "127.0.0.1/any/shop"
    await until(lambda: inbox.comments(room))
    await tab.run("drive({from: 30, count: 100, everyMs: 10})")
    await all_arrived(inbox, tab, room)
    assert inbox.states(room)[-1] == "live"


async def test_what_the_bridge_asks_for_and_sends(talk, inbox, platforms):
    before = len(platforms.asked)
    url = bilibili("plain")
    tab = await talk.open(url)
    await found(tab, inbox, url)
    asked = {path for _, path in platforms.asked[before:]}
    assert asked == {"/" + room_of(url), "/lists.js"}, "no request of its own"
    assert all("Cookie" not in head for head in inbox.heads)
    comment = next(item for item in inbox.items if item["kind"] == "comment")
    assert set(comment) <= {
        "kind",
        "text",
        "author_name",
        "comment_id",
        "platform",
        "sent_ms",
        "_room",
    }
    assert comment["platform"] == "bilibili"


async def test_the_real_inbox_takes_it(talk):
    events, clock = [], asyncio.get_running_loop().time
    real = Inbox(
        port=0, token=TOKEN, now_ms=lambda: round(clock() * 1000),
        allowed_origins=("chrome-extension://*", "moz-extension://*"),
    )  # fmt: skip
    running = asyncio.ensure_future(real.run(events.extend))
    try:
        await until(lambda: real.port)
        await set_inbox(talk, real.port)
        url = bilibili("plain")
        tab = await talk.open(url)
        await tab.run("drive({count: 200, everyMs: 10})")
        shown = await tab.shown()
        said = lambda: [e for e in events if isinstance(e, Comment)]  # noqa: E731
        await until(lambda: len(said()) >= len(shown))
        assert [f"{e.author_name}|{e.text}" for e in said()] == shown
        await (await talk.open("about:blank#other")).activate()
        await until(lambda: states(events)[-1:] == ["covered"])
        await tab.close()
        await until(lambda: states(events)[-1:] == ["ended"])
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def states(events):
    return [e.state for e in events if isinstance(e, SourceState) and "bridge" in e.source_id]


async def test_the_settings_page_saves_and_tries(talk, inbox):
    page = await talk.open(await talk.in_worker("chrome.runtime.getURL('ui/options.html')"))
    await until(lambda: page.run("document.querySelectorAll('#sites tr').length >= 9"))
    assert await page.run("document.getElementById('port').value") == str(inbox.port)
    for token, words in (("wrong", "口令不对"), (TOKEN, "已连上")):
        await page.run(
            f"document.getElementById('token').value = {json.dumps(token)};"
            "document.getElementById('try').click()"
        )
        told = f"document.getElementById('answer').textContent.includes('{words}')"
        await until(lambda told=told: page.run(told))
    popup = await talk.open(await talk.in_worker("chrome.runtime.getURL('ui/popup.html')"))
    await until(
        lambda: popup.run("document.getElementById('inbox').textContent.includes('已连上')")
    )
