"""Topics and card kinds."""

import pytest

from hostdesk.counsel.topics import card_kind_of, implied


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("", "comments"), ("flag", "comments"), ("raid", "raid"), ("echo", "echo")],
)
def test_a_finding_stands_on_a_card(kind, expected):
    assert card_kind_of(kind) == expected


def test_some_labels_bring_their_topic_along():
    assert implied(frozenset({"safety", "question"})) == {"safety"}
    assert implied(frozenset({"complaint"})) == frozenset()
