from tests.unit.analysis.builders import crowd, findings, play


def test_a_crowd_that_says_one_sentence_is_told_once():
    found = findings(play(crowd(["姐姐好棒我们都爱你呀"] * 30, 0, level=20)), "echo")
    assert len(found) == 1
    assert found[0].authors >= 12


def test_a_few_echoes_are_not_worth_a_line():
    assert not findings(play(crowd(["666"] * 20, 0)), "echo")


def test_the_same_text_is_told_again_only_after_five_minutes():
    soon = [*crowd(["111"] * 60, 0), *crowd(["111"] * 60, 100, who="d")]
    assert len(findings(play(soon), "echo")) == 1
    later = [*crowd(["111"] * 60, 0), *crowd(["111"] * 60, 400, who="d")]
    assert len(findings(play(later), "echo")) == 2
