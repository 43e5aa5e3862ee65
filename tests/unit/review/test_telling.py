import pytest

from hostdesk.findings import Evidence
from hostdesk.review.rows import CardFacts, NoticeDone
from hostdesk.review.telling import Teller
from hostdesk.text import words


@pytest.fixture
def tell():
    return Teller(words("en"), 480)


def test_times_are_told_in_the_zone_of_the_show(tell):
    assert tell.clock(0) == "08:00:00"
    assert tell.day(57_600_000) == "1970-01-02"
    assert tell.clock(None) == "not known"
    assert tell.day(10**18) == "not known"


@pytest.mark.parametrize(
    ("duration_ms", "said"),
    [
        (0, "0 s"), (89_400, "89 s"), (90_000, "1 min 30 s"), (120_000, "2 min"),
        (5_400_000, "1 h 30 min"), (-5, "0 s"), (None, "not known"),
    ],
)  # fmt: skip
def test_durations(tell, duration_ms, said):
    assert tell.span(duration_ms) == said


def test_unknown_names_from_data_stand_as_they_are(tell):
    card = CardFacts(card_id="x", kind="comments", lane=None, topic="zzz/yyy", label="new")
    assert tell.card(card) == "new · zzz"
    assert tell.topic("") == "not told apart"


def test_evidence_stands_beside_what_is_usual(tell):
    assert "(usual 4)" in tell.evidence(Evidence("distinct_people", 23.0, 4.0))
    assert "usual" not in tell.evidence(Evidence("words", 2.0, 0.0))


@pytest.mark.parametrize("unseen", ["hidden", "differs", "no_picture", "no_uplink", "not_checked"])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_state_of_a_notice_has_words(locale, unseen):
    notice = NoticeDone(notice_id="n", kind="note", text="x", asked_ms=0, unseen=unseen)
    assert Teller(words(locale), 0).notice_state(notice)


def test_a_failed_notice_shows_no_open_slot(tell):
    for code in ("obs_unreachable", "obs_on_air", "never heard of"):
        notice = NoticeDone(notice_id="n", kind="note", text="x", asked_ms=0, error_code=code)
        assert "{" not in tell.notice_state(notice)
