"""Lexicon and model together: words stand, the model adds, and a rude buyer is never disposed of.

The model here is a small one made by hand: what the shipped one says is measured by `make model`.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.analysis.classifier import LexiconClassifier
from hostdesk.analysis.model import LABELS, TOP, Curve, Model, Stored
from hostdesk.analysis.rules import classify
from hostdesk.analysis.trained import TrainedClassifier, classifier_of
from hostdesk.content.lexicons import load_tables
from hostdesk.findings import Label, Lane

RUNS = {
    "垃圾桶": {Label.COMPLAINT: TOP},
    "蠢": {Label.HOSTILE: TOP},
    "气人": {Label.HOSTILE: TOP, Label.COMPLAINT: TOP},
    "多少": {Label.HOSTILE: TOP, Label.COMPLAINT: TOP // 2},
}
NEVER = Curve(scale=0.01, bias=-9.0, slope=1.0, offset=0.0, holds_at=1.0)
SAYS = Curve(scale=0.01, bias=-2.0, slope=1.0, offset=0.0, holds_at=0.6)


def _tables():
    tables = load_tables()
    weights = b"".join(
        by_label.get(label, 0).to_bytes(2, "little", signed=True)
        for by_label in RUNS.values()
        for label in LABELS
    )
    stored = Stored(
        version=1,
        name="by-hand",
        sounds=tables.canon.name,
        curves={
            label: SAYS if label in (Label.COMPLAINT, Label.HOSTILE) else NEVER for label in LABELS
        },
        hint_weight=0.0,
        written=list(RUNS),
        written_weights=weights,
        heard=[],
        heard_weights=b"",
        hints=[],
        hint_weights=b"",
    )
    tables.use_model(Model(stored, tables.canon.name))
    return tables


TABLES = _tables()
BOTH, WORDS = TrainedClassifier(TABLES), LexiconClassifier(TABLES)


def labels(text):
    return set(classify(text, TABLES, BOTH).labels)


def test_tables_with_a_model_are_judged_by_it_and_say_so():
    assert isinstance(classifier_of(TABLES), TrainedClassifier)
    assert TABLES.fingerprint.endswith("-by-hand")
    without = load_tables()
    without.use_model(None)
    assert isinstance(classifier_of(without), LexiconClassifier)


def test_a_complaint_that_no_listed_word_gives_away_is_added_with_its_words():
    verdict = classify("到手直接进垃圾桶", TABLES, BOTH)
    assert Label.COMPLAINT not in classify("到手直接进垃圾桶", TABLES, WORDS).labels
    assert (verdict.labels, verdict.lane) == ((Label.COMPLAINT,), Lane.ANSWER)
    [span] = verdict.spans
    assert "垃圾桶" in "到手直接进垃圾桶"[span.start : span.end]


def test_abuse_is_added_only_where_nothing_sounds_like_a_complaint():
    assert labels("这人蠢得要命呀") == {Label.HOSTILE}
    assert labels("真是气人得很") == {Label.COMPLAINT}
    assert classify("真是气人得很", TABLES, BOTH).lane is not Lane.DISPOSE


def test_beside_a_question_only_what_is_sure_is_added():
    assert Label.QUESTION in labels("垃圾袋多少钱")
    assert not labels("垃圾袋多少钱") & {Label.HOSTILE, Label.COMPLAINT}


@pytest.mark.parametrize("text", ["", "蠢", "666", "有声音了 气人"])
def test_what_is_too_short_an_echo_or_a_recovery_is_left_to_the_words(text):
    normal = TABLES.read(text)
    assert BOTH.judge(normal) == WORDS.judge(normal)


@given(st.text(alphabet="蠢气人垃圾桶多少钱起球了吗 好不?", max_size=40) | st.text(max_size=80))
def test_nothing_that_the_lexicon_found_is_taken_away_and_spans_lie_in_the_text(text):
    normal = TABLES.read(text)
    words, both = WORDS.judge(normal), BOTH.judge(normal)
    held = {label for label, score in words.scores.items() if score >= 0.5}
    assert held <= {label for label, score in both.scores.items() if score >= 0.5}
    for span in classify(text, TABLES, BOTH).spans:
        assert 0 <= span.start < span.end <= len(text)
