from hostdesk.answered import REMEMBERED, Answered
from hostdesk.errors import AskRefusedError


def test_an_ask_that_comes_again_gets_the_same_answer():
    answered = Answered()
    answered.take("a", None)
    answered.take("b", AskRefusedError(reason="no_show"))
    assert answered.has("a")
    assert answered.again("a") is None
    assert answered.again("b").params == {"reason": "no_show"}
    assert not answered.has("c")
    assert not answered.has("")


def test_only_the_last_ones_are_remembered():
    answered = Answered()
    for n in range(REMEMBERED + 1):
        answered.take(str(n), None)
    assert not answered.has("0")
    assert answered.has(str(REMEMBERED))
