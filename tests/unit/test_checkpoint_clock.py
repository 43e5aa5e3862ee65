from hostdesk.checkpoint_clock import EVENTS, EVERY_S, LEAST_S, CheckpointClock


def test_each_minute_when_anything_happened():
    clock = CheckpointClock(0.0)
    assert not clock.is_due(EVERY_S - 1, 10)
    assert clock.is_due(EVERY_S, 10)
    assert not clock.is_due(2 * EVERY_S, 10), "nothing new since"


def test_earlier_after_many_comments_but_not_without_end():
    clock = CheckpointClock(0.0)
    assert not clock.is_due(LEAST_S - 0.1, EVENTS * 9)
    assert clock.is_due(LEAST_S, EVENTS)
    assert not clock.is_due(LEAST_S + 0.1, EVENTS * 2), "one at a time"
