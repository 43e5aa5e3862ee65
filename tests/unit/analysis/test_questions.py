import itertools

from hostdesk.events import Comment, Tick
from tests.unit.analysis.builders import START_MS, crowd, groups, play, said

SIZES = [
    "160斤穿多大",
    "有大码吗",
    "身高165选什么码",
    "what size for 5'4",
    "尺码偏大吗",
    "胖子能穿吗",
]


def test_three_people_asking_the_same_in_their_own_words_are_a_group():
    found = groups(play([*crowd(SIZES, 0), Tick(at_ms=START_MS + 9000)]), "size")
    assert found[0].authors == 3
    assert found[-1].authors == 6
    assert len({one.group_id for one in found}) == 1


def test_one_person_asking_three_times_is_none():
    assert not groups(play([said(text, "ann", n) for n, text in enumerate(SIZES)]), "size")


def test_slow_questions_are_none():
    assert not groups(play(crowd(SIZES, 0, every_s=90)), "size")


def test_a_crowd_changes_the_card_at_most_every_two_seconds_or_at_half_as_many_again():
    many: list[Comment] = crowd(["有大码吗"] * 200, 0, every_s=0.05)
    found = groups(play(many), "size")
    pairs = list(itertools.pairwise(found))
    assert all(b.at_ms - a.at_ms >= 2000 or b.authors >= 1.5 * a.authors for a, b in pairs)
    assert len(found) < 25


def test_what_was_held_back_is_told_when_time_goes_by():
    events = [*crowd(SIZES[:4], 0, every_s=0.1), Tick(at_ms=START_MS + 4000)]
    assert groups(play(events), "size")[-1].authors == 4


def test_a_later_rush_of_the_same_topic_is_a_new_group():
    found = groups(play([*crowd(SIZES, 0), *crowd(SIZES, 600, who="later")]), "size")
    assert len({one.group_id for one in found}) == 2


def test_complaints_are_not_grouped_with_questions():
    assert not groups(play(crowd(["起球了怎么又起球", "我的起球了", "起球 退钱"], 0)), "material")
