"""The look back as one self-contained page, and as plain lines for a terminal.

Whatever viewers wrote is escaped by the template engine; the drawing escapes its own.
"""

from collections.abc import Iterator

import jinja2
import msgspec
from markupsafe import Markup

from hostdesk.review.rows import Moment, ShowReview
from hostdesk.review.telling import Say, Teller
from hostdesk.review.timeline import LABEL_COLOURS, MOMENT_COLOURS, Timeline


def render(review: ShowReview, say: Say, template: str) -> str:
    """The page as HTML. ``template`` is the text of ``resources/review/page.html.jinja``."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    tell = Teller(say, review.facts.zone_offset_min)
    drawing = Markup(Timeline(review, tell).draw())
    return environment.from_string(template).render(
        review=review,
        say=say,
        tell=tell,
        timeline=drawing,
        removed=removed_words(review, say),
        moment_colours=MOMENT_COLOURS,
        label_colours=LABEL_COLOURS,
    )


def lines(review: ShowReview, say: Say) -> Iterator[str]:
    """The look back in a few lines."""
    tell = Teller(say, review.facts.zone_offset_min)
    facts, speech = review.facts, review.speech
    yield f"{facts.title or facts.show_id}  {tell.day(facts.opened_ms)}"
    yield "  ".join(
        (
            f"{tell.hour(facts.opened_ms)}–{tell.hour(facts.last_ms)}",
            say(f"review.state.{facts.state}"),
            say("review.comments_n", n=speech.comments),
            people_words(review, say),
        )
    )
    if removed := removed_words(review, say):
        yield f"{say('review.removed')}  {removed}"
    if not review.moments:
        yield say("review.no_moments")
    for number, moment in enumerate(review.moments, 1):
        yield from _moment(number, moment, tell)
    yield from _left(review, tell)


def people_words(review: ShowReview, say: Say) -> str:
    """How many people spoke, as far as it can be told."""
    if review.speech.people is None:
        return say("review.people_masked")
    return say("review.people_n", n=review.speech.people)


def removed_words(review: ShowReview, say: Say) -> str:
    """What the platform took back; empty where it was nothing."""
    counts = msgspec.structs.asdict(review.removed).items()
    return " · ".join(
        say(f"review.removed_what.{name}", n=count) for name, count in counts if count
    )


def _moment(number: int, moment: Moment, tell: Teller) -> Iterator[str]:
    say = tell.say
    yield say(
        "review.line_moment",
        number=number,
        clock=tell.clock(moment.since_ms),
        name=tell.moment(moment),
        people=moment.people,
        sample=(moment.sample or ("",))[0],
    )
    yield f"    {tell.first_words(moment)}"
    if moment.nothing_done:
        yield f"    {say('review.nothing_done')}"
    for notice in moment.notices:
        yield f"    {say('review.notice')} “{notice.text}” {tell.notice_state(notice)}"
    for reply in moment.replies:
        yield f"    {tell.clock(reply.at_ms)} {say(f'review.way.{reply.way}')} “{reply.text}”"
    for settled in moment.settled:
        yield f"    {tell.clock(settled.at_ms)} {say(f'review.how.{settled.how}')}"


def _left(review: ShowReview, tell: Teller) -> Iterator[str]:
    say = tell.say
    for promise in review.promises:
        state = say(f"review.promise.{promise.state}")
        yield f"{say('review.promise_word')} {tell.hour(promise.due_ms)} {state} “{promise.text}”"
    yield say(
        "review.line_left",
        cards=len(review.unanswered),
        buyers=len(review.buyers),
        settled=review.flags.settled,
        wrong=review.flags.wrong,
    )
