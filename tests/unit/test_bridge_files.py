"""The bridge's files: what it may do, what it says, what it knows of each site."""

import datetime
import json
import re
import subprocess
from pathlib import Path

import pytest

from hostdesk.text import words

ROOT = Path(__file__).parents[2]
BRIDGE = ROOT / "resources" / "bridge"
INBOX = "http://127.0.0.1/*"
SCRIPTS = sorted(BRIDGE.rglob("*.js"))
SITES = json.loads((BRIDGE / "sites.json").read_text(encoding="utf-8"))["sites"]
MANIFEST = json.loads((BRIDGE / "manifest.json").read_text(encoding="utf-8"))
PLATFORMS = (ROOT / "resources" / "platforms" / "platforms.toml").read_text(encoding="utf-8")
FIRST = ["buyin", "douyin", "kuaishou", "taobao", "weixin_channels", "bilibili", "tiktok", "amazon"]


def messages(locale):
    file = BRIDGE / "_locales" / locale / "messages.json"
    return {key: entry["message"] for key, entry in json.loads(file.read_text("utf-8")).items()}


def test_it_asks_for_no_more_than_it_needs():
    assert set(MANIFEST["permissions"]) == {"storage", "alarms", "scripting", "activeTab"}
    listed = [match for site in SITES for match in site["matches"]]
    assert MANIFEST["host_permissions"] == [INBOX, *listed]
    assert MANIFEST["content_scripts"][0]["matches"] == listed
    assert not any(match.split("/")[2].startswith("*") for match in listed), "whole names only"
    assert MANIFEST["optional_host_permissions"] == ["https://*/*"], (
        "asked site by site, by a click"
    )
    assert "web_accessible_resources" not in MANIFEST, "no page can see that it is there"
    assert "externally_connectable" not in MANIFEST


def test_one_manifest_serves_both_browsers():
    assert MANIFEST["manifest_version"] == 3
    assert MANIFEST["background"]["scripts"] == [MANIFEST["background"]["service_worker"]]
    assert MANIFEST["browser_specific_settings"]["gecko"]["id"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", MANIFEST["version"])


def test_every_file_that_is_named_is_there():
    named = [
        *MANIFEST["content_scripts"][0]["js"],
        *MANIFEST["background"]["scripts"],
        *MANIFEST["icons"].values(),
        MANIFEST["action"]["default_popup"],
        MANIFEST["options_ui"]["page"],
    ]
    for page in BRIDGE.glob("ui/*.html"):
        named += [f"ui/{name}" for name in re.findall(r'(?:src|href)="([^"]+)"', page.read_text())]
    assert [name for name in named if not (BRIDGE / name).is_file()] == []


@pytest.mark.parametrize(("locale", "ours"), [("zh_CN", "zh"), ("en", "en")])
def test_it_names_things_as_the_window_of_hostdesk_does(locale, ours):
    told, say = messages(locale), words(ours)
    path = f"{say('settings.heading')} → {re.split('[（(]', say('room.heading'))[0].strip()}"
    for key in ("token_hint", "inbox_token"):
        assert path in told[key]
        assert say("room.copy_token") in told[key]
    assert say("room.inbox_on") in told["token_hint"]
    inbox = say("room.platform.inbox").lower()
    for key in ("inbox_away", "inbox_origin", "port"):
        assert inbox in told[key].lower()
    guide = (ROOT / "docs" / "bridge.md").read_text(encoding="utf-8")
    assert told["name"] in guide
    assert say("room.inbox_on") in guide
    for key in ("error.inbox_page_changed.hint", "status.page.by_shape"):
        assert told["choose"] in say(key)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: str(s.relative_to(BRIDGE)))
def test_no_code_from_elsewhere_no_cookie_no_request_of_its_own(script):
    code = script.read_text(encoding="utf-8")
    banned = r"eval\(|new Function|innerHTML|outerHTML|document\.write|importScripts|cookie|XMLHttp"
    banned += r"|WebSocket|EventSource|sendBeacon|RTCPeer|webRequest|localStorage|indexedDB"
    assert re.findall(banned, code) == []
    assert "://" not in re.sub(
        r"https?://(\*/\*|127\.0\.0\.1:|\$\{host\}/\*|\")|https:\\/", "", code
    )
    if "fetch(" in code:
        assert script.name in ("inbox.js", "worker.js")
    for wanted in re.findall(r"from \"([^\"]+)\"", code):
        assert wanted.startswith("."), wanted


def test_only_the_inbox_is_ever_spoken_to():
    policy = MANIFEST["content_security_policy"]["extension_pages"]
    assert "connect-src 'self' http://127.0.0.1:*" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    worker = (BRIDGE / "worker" / "worker.js").read_text(encoding="utf-8")
    assert re.findall(r"fetch\(([^)]*)", worker) == ['chrome.runtime.getURL("sites.json"']


@pytest.mark.parametrize("site", SITES, ids=lambda site: site["id"])
def test_a_site_is_data_and_says_how_sure_it_is(site):
    kinds = {
        "id": str, "name": dict, "platform": str, "matches": list, "paths": list, "room": str,
        "list": list, "item": list, "author": list, "text": list, "author_id": str,
        "comment_id": str, "skip": str, "confidence": str, "source": str,
    }  # fmt: skip
    assert set(site) == {*kinds, "checked"}
    assert [key for key, kind in kinds.items() if not isinstance(site[key], kind)] == []
    assert set(site["name"]) == {"zh", "en"}
    assert f'id = "{site["platform"]}"' in PLATFORMS
    for pattern in [*site["paths"], site["room"]]:
        re.compile(pattern)
    if site["checked"] is None:
        assert site["confidence"] == "guess"
    else:
        assert site["confidence"] == "checked"
        assert datetime.date.fromisoformat(site["checked"])


def test_the_console_of_doudian_comes_first():
    assert [site["id"] for site in SITES] == FIRST


def test_both_languages_say_the_same_things_and_everything_that_is_asked_for():
    zh, en = messages("zh_CN"), messages("en")
    assert zh.keys() == en.keys()
    assert all(zh.values())
    assert all(en.values())
    asked = set()
    for file in [*SCRIPTS, *BRIDGE.glob("ui/*.html")]:
        text = file.read_text(encoding="utf-8")
        asked |= set(re.findall(r'(?:data-words=|\bsay\(|getMessage\(|#button\()"(\w+)"', text))
    asked |= set(re.findall(r"__MSG_(\w+)__", json.dumps(MANIFEST)))
    assert asked - zh.keys() == set()
    reasons = re.findall(r'(?:state|reason): "(\w+)"', (BRIDGE / "page/health.js").read_text())
    assert {f"state_{reason}" for reason in reasons} - zh.keys() == set()
    states = {"ok", "away", "token", "origin", "busy", "refused", "unknown"}
    assert {f"inbox_{state}" for state in states} - zh.keys() == set()


def test_a_covered_and_a_changed_page_have_the_agreed_words():
    zh = messages("zh_CN")
    assert zh["state_covered"] == "页面被遮住，弹幕可能不全"
    assert zh["state_page_changed"] == "页面变了"
    assert zh["state_nothing_found"].startswith("页面变了")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: str(s.relative_to(BRIDGE)))
def test_no_sentence_for_people_stands_in_code_and_files_stay_small(script):
    code = script.read_text(encoding="utf-8")
    sentences = re.findall(r'"[^"\n]*[\u4e00-\u9fff]{5,}[^"\n]*"', code)
    assert sentences == []
    assert code.count("\n") <= 320


def test_the_pure_parts_in_node():
    ran = subprocess.run(
        ["node", "--test", *map(str, sorted((ROOT / "tests/e2e/node").glob("bridge_*.test.cjs")))],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
