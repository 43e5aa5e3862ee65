"""Counsel as the desk sees it, and the words beside it."""

from hostdesk.text import words


def test_it_is_static_content(shipped):
    assert type(shipped).STATIC
    assert len(shipped.content_hash) == 16


def test_a_deadline_for_people(shipped):
    assert shipped.deadline(1_790_000_460_000, 480) == "22:25"


def test_every_tone_intent_kind_and_band_has_a_word_in_both_languages(shipped):
    wanted = {f"tone.{reply.tone}" for reply in shipped.library.replies}
    wanted |= {f"intent.{reply.intent}" for reply in shipped.library.replies}
    wanted |= {f"notice_kind.{notice.kind}" for notice in shipped.notices.notices}
    wanted |= {f"band.{plan.band}" for plan in shipped.plans.plans}
    wanted |= {f"severity.{plan.severity}" for plan in shipped.plans.plans}
    for locale in ("zh", "en"):
        assert not wanted - words(locale).keys()


def test_every_entry_tells_where_it_comes_from(shipped):
    everything = (
        *shipped.library.replies, *shipped.notices.notices, *shipped.plans.plans,
        *shipped.platforms.values(),
    )  # fmt: skip
    assert all(each.source.strip() for each in everything)
