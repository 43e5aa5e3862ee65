"""The conversation with YouTube: what is asked next, and what the answers say."""

import importlib.util
import json
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostdesk.events import Comment, Gap, Gift, Member, Removed
from hostdesk.sources.steps import Fault
from hostdesk.sources.youtube import read_costs
from hostdesk.sources.youtube_protocol import HISTORY_MS, PAGE, YouTubeProtocol, video_id
from hostdesk.sources.youtube_quota import LOOKUP, POLL, Ledger, Quota
from hostdesk.text import LOCALES, words
from tests.fakes.youtube import CHANNEL, CHAT, TITLE, VIDEO, iso, item, refusal, said

NOW = 1_781_784_000_000
LIVE = {"activeLiveChatId": CHAT, "actualStartTime": "2026-06-18T11:00:00Z"}
FOUND = {
    "items": [
        {
            "id": VIDEO,
            "snippet": {"channelId": CHANNEL, "channelTitle": TITLE},
            "liveStreamingDetails": LIVE,
        }
    ]
}


def page(*items, token="t1", polling_ms=5_000, **more):
    return {
        "items": list(items),
        "nextPageToken": token,
        "pollingIntervalMillis": polling_ms,
        **more,
    }


def at(item_made, ms):
    item_made["snippet"]["publishedAt"] = iso(ms / 1000)
    return item_made


class Talk:
    """A conversation in which time passes only as it is told."""

    def __init__(self, *, budget=10_000_000, expected="", video=VIDEO):
        self.quota = Quota(read_costs(), budget, Ledger())
        self.protocol = YouTubeProtocol("yt", video, self.quota, expected=expected)
        self.now_ms = NOW

    def asks(self):
        call = self.protocol.next(self.now_ms)
        if not isinstance(call, Fault):
            self.now_ms = call.due_ms
        return call

    def hears(self, told, status=200, headers=None):
        call = self.asks()
        self.quota.spend(call.method, self.now_ms)
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        return self.protocol.answered(call, status, headers or {}, body, self.now_ms)

    def joins(self, *items):
        self.hears(FOUND)
        return self.hears(page(*items))


def heard(made, ms=NOW):
    return Talk().joins(at(made, ms))


def test_first_the_chat_of_the_video_is_asked_for_then_its_messages():
    talk = Talk()
    first = talk.asks()
    assert (first.path, first.query["id"]) == ("/videos", VIDEO)
    assert not talk.hears(FOUND).joined
    assert talk.protocol.room == TITLE
    second = talk.asks()
    assert (second.path, second.query["liveChatId"]) == ("/liveChat/messages", CHAT)
    assert "pageToken" not in second.query
    assert talk.hears(page(token="next")).joined
    assert talk.asks().query["pageToken"] == "next"


def test_the_key_is_in_no_address():
    talk = Talk()
    talk.hears(FOUND)
    assert "key" not in talk.asks().query


def test_a_comment_has_who_what_and_when():
    made = said("多少钱", "m1", author="UCbob", name="小鹿")
    made["authorDetails"] |= {"isChatModerator": True, "isChatSponsor": True}
    [comment] = heard(made, NOW - 900).events
    assert comment == Comment(
        at_ms=NOW, comment_id="m1", author_id="UCbob", author_name="小鹿", text="多少钱",
        badges=("moderator", "member"), platform="youtube", source_id="yt", sent_ms=NOW - 900,
    )  # fmt: skip


KINDS = [
    ("superChatEvent", {"superChatDetails": {"amountMicros": "50000000", "currency": "CNY",
      "amountDisplayString": "CN¥50.00", "userComment": "加油"}},
     [(Comment, "text", "加油"), (Gift, "value_fen", 5_000)]),
    ("superChatEvent", {"superChatDetails": {"amountMicros": "5000000", "currency": "USD",
      "amountDisplayString": "$5.00"}}, [(Gift, "name", "SC $5.00")]),
    ("superStickerEvent", {"superStickerDetails": {"amountDisplayString": "€2"}},
     [(Gift, "name", "SC €2")]),
    ("newSponsorEvent", {"newSponsorDetails": {"memberLevelName": "金卡"}},
     [(Member, "name", "金卡")]),
    ("memberMilestoneChatEvent", {"memberMilestoneChatDetails": {"memberMonth": 6,
      "memberLevelName": "金卡", "userComment": "半年了"}},
     [(Comment, "text", "半年了"), (Member, "name", "金卡")]),
    ("membershipGiftingEvent", {"membershipGiftingDetails": {"giftMembershipsCount": 5}},
     [(Member, "count", 5)]),
    ("giftMembershipReceivedEvent", {}, []),
    ("giftEvent", {"giftDetails": {"giftName": "玫瑰", "comboCount": 3}}, [(Gift, "count", 3)]),
    ("messageDeletedEvent", {"messageDeletedDetails": {"deletedMessageId": "m0"}},
     [(Removed, "comment_id", "m0")]),
    ("messageRetractedEvent", {"messageRetractedDetails": {"retractedMessageId": "m0"}},
     [(Removed, "comment_id", "m0")]),
    ("tombstone", {}, [(Removed, "comment_id", "m9")]),
    ("userBannedEvent", {"userBannedDetails": {"banType": "temporary", "banDurationSeconds": "300",
      "bannedUserDetails": {"channelId": "UCbad"}}}, [(Removed, "span_ms", 300_000)]),
    ("userBannedEvent", {"userBannedDetails": {"banType": "permanent",
      "bannedUserDetails": {"channelId": "UCbad"}}}, [(Removed, "reason", "banned")]),
    ("pollEvent", {}, []),
    ("sponsorOnlyModeStartedEvent", {}, []),
    ("somethingNewEvent", {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "details", "expected"), KINDS)
def test_each_kind_of_message_is_what_it_says(kind, details, expected):
    answer = heard(item(kind, "m9", **details))
    assert answer.skipped == 0
    assert [type(event) for event in answer.events] == [k for k, _, _ in expected]
    for event, (_, field, value) in zip(answer.events, expected, strict=True):
        assert getattr(event, field) == value


def test_what_cannot_be_read_is_counted_and_the_rest_is_heard():
    answer = Talk().joins(
        at(said("一", "m1"), NOW), {}, {"snippet": 5}, at(item("userBannedEvent", "x"), NOW),
        at(said("", "m2"), NOW), "rubbish", at(said("二", "m3"), NOW),
    )  # fmt: skip
    assert [event.text for event in answer.events] == ["一", "二"]
    assert answer.skipped == 5


def test_the_history_of_the_chat_is_not_news():
    old, new = at(said("旧", "m1"), NOW - HISTORY_MS - 1), at(said("新", "m2"), NOW - 5_000)
    assert [event.text for event in Talk().joins(old, new).events] == ["新"]


def test_history_is_judged_by_the_platforms_clock_because_ours_may_be_wrong():
    talk = Talk()
    talk.hears(FOUND)
    server = NOW - 600_000  # our clock is ten minutes ahead
    fresh = at(said("新", "m1"), server - 2_000)
    answer = talk.hears(page(fresh), headers={"date": "Thu, 18 Jun 2026 11:50:00 GMT"})
    assert len(answer.events) == 1


def test_a_message_that_comes_twice_is_heard_once_but_its_removal_is_heard():
    talk = Talk()
    talk.joins(at(said("一", "m1"), NOW))
    again = talk.hears(page(at(said("一", "m1"), NOW), at(item("tombstone", "m1"), NOW)))
    assert [type(event) for event in again.events] == [Removed]


def test_after_a_cut_it_goes_on_from_its_page_and_nothing_is_missed():
    talk = Talk()
    talk.joins()
    talk.hears(b"", status=503)
    assert talk.asks().query["pageToken"] == "t1"
    assert talk.hears(page(at(said("迟到", "m1"), NOW - 60_000))).missed_nothing


@pytest.mark.parametrize(
    ("why", "oldest_s", "gaps"),
    [("the history reaches back to what we heard", 20, 0), ("it does not: there is a hole", 40, 1)],
)
def test_a_lost_page_is_read_anew_and_a_hole_is_told(why, oldest_s, gaps):
    talk = Talk()
    talk.joins(at(said("一", "m1"), NOW - 1_000))
    status, told = refusal(400, "pageTokenInvalid")
    assert talk.hears(told, status).fault is None
    assert "pageToken" not in talk.asks().query
    oldest = NOW - 20_000 + oldest_s * 1_000 - 10_000
    answer = talk.hears(page(at(said("二", "m2"), oldest), at(said("三", "m3"), NOW + 60_000)))
    assert [type(event) for event in answer.events].count(Gap) == gaps, why
    assert answer.missed_nothing


def test_a_request_that_is_refused_also_without_its_page_is_a_fault():
    talk = Talk()
    talk.joins()
    status, told = refusal(400, "invalidPageToken")
    assert talk.hears(told, status).fault is None
    assert talk.hears(told, status).fault.code == "source_status"


def test_a_full_page_is_followed_at_once_by_the_next_one():
    talk = Talk(budget=10_000)
    talk.joins()
    talk.hears(page(*[at(said("哈", f"m{n}"), NOW) for n in range(PAGE)], polling_ms=500))
    before = talk.now_ms
    assert talk.asks().due_ms == before + 500


ENDS = [
    page({"id": "e", "snippet": {"type": "chatEndedEvent"}}),
    refusal(403, "liveChatEnded")[1],
]


@pytest.mark.parametrize(("status", "told"), [(200, ENDS[0]), (403, ENDS[1])])
def test_the_end_of_the_chat_is_an_end_and_no_fault(status, told):
    talk = Talk()
    talk.joins()
    answer = talk.hears(told, status)
    assert answer.is_ended
    assert answer.fault is None


def test_a_broadcast_that_is_over_has_ended():
    over = {"actualStartTime": "x", "actualEndTime": "y"}
    assert Talk().hears(_video(over)).is_ended


def _video(live):
    made = {"id": VIDEO, "snippet": {"channelId": CHANNEL, "channelTitle": TITLE}}
    return {"items": [made | ({} if live is None else {"liveStreamingDetails": live})]}


REFUSALS = [
    ("quotaExceeded", 403, "youtube_quota", "refused"),
    ("dailyLimitExceeded", 403, "youtube_quota", "refused"),
    ("rateLimitExceeded", 403, "source_too_many", "reconnecting"),
    ("keyInvalid", 400, "youtube_key", "logged_out"),
    ("accessNotConfigured", 403, "youtube_api_off", "refused"),
    ("ipRefererBlocked", 403, "youtube_key_limited", "refused"),
    ("liveChatDisabled", 403, "youtube_chat_off", "refused"),
    ("forbidden", 403, "youtube_forbidden", "refused"),
    ("liveChatNotFound", 404, "youtube_chat_gone", "reconnecting"),
    ("somethingNew", 403, "source_forbidden", "refused"),
    ("authError", 401, "source_logged_out", "logged_out"),
    ("backendError", 500, "source_status", "reconnecting"),
    ("", 429, "source_too_many", "reconnecting"),
]


@pytest.mark.parametrize(("reason", "status", "code", "state"), REFUSALS)
def test_each_refusal_has_its_own_words(reason, status, code, state):
    talk = Talk()
    talk.joins()
    fault = talk.hears(refusal(status, reason)[1], status).fault
    assert (fault.code, fault.state) == (code, state)
    _words_of(fault)


def _words_of(fault):
    for locale in LOCALES:
        say = words(locale)
        for part in ("message", "hint"):
            sentence = say.raw(f"error.{fault.code}.{part}")
            asked = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
            assert asked <= set(fault.params), (fault.code, asked)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"items": []}, "youtube_no_video"),
        (_video(None), "youtube_not_live"),
        (_video({"scheduledStartTime": "z"}), "youtube_not_started"),
        (_video({"actualStartTime": "z"}), "youtube_chat_off"),
    ],
)
def test_a_video_without_a_chat_says_why(told, code):
    fault = Talk().hears(told).fault
    assert fault.code == code
    _words_of(fault)


@pytest.mark.parametrize("reason", ["API_KEY_INVALID", "SERVICE_DISABLED"])
def test_googles_new_errors_name_the_reason_in_details(reason):
    fault = Talk().hears(refusal(400, "badRequest", detail=reason)[1], 400).fault
    assert fault.code in ("youtube_key", "youtube_api_off")


@pytest.mark.parametrize("expected", [CHANNEL, CHANNEL.upper(), TITLE, ""])
def test_the_channel_that_was_asked_for_is_joined(expected):
    assert Talk(expected=expected).hears(FOUND).fault is None


def test_another_channel_than_asked_stops_and_asks():
    fault = Talk(expected="别人的店").hears(FOUND).fault
    assert (fault.code, fault.state) == ("source_other_room", "refused")
    assert fault.params == {"asked": "别人的店", "found": TITLE, "found_id": CHANNEL}
    assert Talk(expected=fault.params["found_id"]).hears(FOUND).fault is None


def test_a_chat_that_is_gone_is_looked_up_again():
    talk = Talk()
    talk.joins()
    talk.hears(refusal(404, "liveChatNotFound")[1], 404)
    assert talk.asks().method == LOOKUP


def test_retry_after_is_kept():
    talk = Talk()
    talk.joins()
    told = refusal(403, "rateLimitExceeded")[1]
    assert talk.hears(told, 403, {"retry-after": "77"}).fault.retry_s == 77


@pytest.mark.parametrize(
    "given",
    [
        VIDEO, f" {VIDEO} ", f"https://www.youtube.com/watch?v={VIDEO}&t=3s", f"youtu.be/{VIDEO}",
        f"https://youtube.com/live/{VIDEO}?feature=share", f"https://m.youtube.com/watch?v={VIDEO}",
        f"https://studio.youtube.com/video/{VIDEO}/livestreaming",
    ],
)  # fmt: skip
def test_a_pasted_address_is_understood(given):
    assert video_id(given) == VIDEO


@pytest.mark.parametrize(
    "given",
    ["", "小鹿的店", "https://evil.example/watch?v=dQw4w9WgXcQ", "http://[", "UC" + "x" * 22],
)
def test_what_is_no_video_is_refused_without_a_call(given):
    fault = Talk(video=given).asks()
    assert (fault.code, fault.state) == ("youtube_video", "refused")


def test_the_budget_stops_the_calls_before_google_does():
    talk = Talk(budget=26)
    talk.joins()
    fault = talk.asks()
    assert (fault.code, fault.state) == ("youtube_quota", "refused")
    assert 0 < fault.retry_s <= 1_800
    assert talk.quota._ledger.spent("", NOW) == 6


def test_the_planned_end_of_the_broadcast_sets_the_pace():
    talk = Talk(budget=10_000)
    talk.hears(_video(LIVE | {"scheduledEndTime": "2026-06-18T14:00:00Z"}))  # two hours from NOW
    talk.hears(page(polling_ms=1_000))
    assert talk.protocol.pace.every_ms == pytest.approx(2 * 3_600_000 / 1_994, rel=0.01)


@settings(deadline=None)
@given(st.binary(max_size=400) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["items", "snippet", "id", "type", "error", "errors", "reason", "details",
                         "liveStreamingDetails", "activeLiveChatId", "nextPageToken",
                         "pollingIntervalMillis", "authorDetails", "channelId", "publishedAt"]),
        inner | st.sampled_from([kind for kind, _, _ in KINDS]), max_size=5),
    max_leaves=30).map(lambda v: json.dumps(v).encode()))  # fmt: skip
def test_whatever_comes_the_conversation_goes_on(body):
    fuzz = _fuzz()
    fuzz.take(b"\x00" + body)
    talk = Talk()
    talk.joins()
    talk.hears(body)
    mutated = json.dumps(page(at(said("一", "m1"), NOW))).encode()
    middle = len(body) % len(mutated)
    fuzz.take(body[:1] + (mutated[:middle] + body + mutated[middle:]) * 3)


def _fuzz():
    path = Path(__file__).parents[2] / "fuzz" / "fuzz_youtube.py"
    spec = importlib.util.spec_from_file_location("fuzz_youtube", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_costs_are_data_with_a_source():
    assert read_costs() == {LOOKUP: 1, POLL: 5}
