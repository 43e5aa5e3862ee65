import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.analysis.classifier import Judgement, LexiconClassifier
from hostdesk.analysis.features import LONGEST_HEARD, LONGEST_WRITTEN, hints, runs
from hostdesk.analysis.model import LABELS, TOP, Curve, Model, Stored
from hostdesk.content.lexicons import load_tables
from hostdesk.findings import Label

TABLES = load_tables()
CURVE = Curve(scale=1.0, bias=-1.0, slope=1.0, offset=0.0)


def row(**weights):
    return [weights.get(label.value, 0) for label in LABELS]


def packed(*rows):
    return b"".join(weight.to_bytes(2, "little", signed=True) for row in rows for weight in row)


def stored(**more):
    usual = {
        "version": 1,
        "name": "test",
        "sounds": TABLES.canon.name,
        "curves": dict.fromkeys(LABELS, CURVE),
        "hint_weight": 1.0,
        "written": ["起球", "好"],
        "written_weights": packed(row(complaint=90), row(praise=40, complaint=-20)),
        "heard": [],
        "heard_weights": b"",
        "hints": ["?"],
        "hint_weights": packed(row(question=7)),
    }
    return Stored(**(usual | more))


def scores(text, **more):
    return Model(stored(**more), TABLES.canon.name).scores(TABLES.read(text), Judgement())


def test_each_label_adds_up_for_itself():
    said = scores("起球 不好")
    plain = scores("多少钱")
    assert said[Label.COMPLAINT] > plain[Label.COMPLAINT]
    assert said[Label.PRAISE] > plain[Label.PRAISE]
    assert said[Label.HOSTILE] == plain[Label.HOSTILE]


def test_what_sounds_alike_counts_alike():
    heard = TABLES.read("起球").sound
    more = {"heard": [heard], "heard_weights": packed(row(complaint=90))}
    assert scores("奇球", **more)[Label.COMPLAINT] > scores("奇球")[Label.COMPLAINT]


def test_runs_heard_in_another_table_of_syllables_do_not_count():
    heard = TABLES.read("起球").sound
    more = {"heard": [heard], "heard_weights": packed(row(complaint=90))}
    other = Model(stored(**more, sounds="other"), TABLES.canon.name)
    assert other.scores(TABLES.read("奇球"), Judgement()) == scores("奇球")


def test_hints_count():
    assert scores("多少钱?")[Label.QUESTION] > scores("多少钱")[Label.QUESTION]


def test_the_words_that_spoke_for_a_label_are_found():
    model = Model(stored(), TABLES.canon.name)
    normal = TABLES.read("又起球了")
    weight = model.places(normal, Label.COMPLAINT)
    assert [char for char, said in zip(normal.text, weight, strict=True) if said > 0] == [
        "起",
        "球",
    ]


def test_weights_that_do_not_fit_the_runs_are_refused():
    with pytest.raises(ValueError, match="zip"):
        Model(stored(written=["起球"]), TABLES.canon.name)


def test_the_file_is_read_as_it_was_written():
    coded = msgspec.msgpack.encode(stored())
    assert msgspec.msgpack.decode(coded, type=Stored) == stored()


@given(st.text(max_size=400), st.integers(-TOP, TOP))
def test_whatever_is_written_each_label_is_a_probability(text, weight):
    letters = sorted(set(text) - {"\x00"})[:40]
    more = {"written": letters, "written_weights": packed(*[row(hostile=weight)] * len(letters))}
    assert all(0.0 <= score <= 1.0 for score in scores(text, **more).values())


@given(st.text(max_size=300))
def test_whatever_is_written_its_features_are_bounded(text):
    normal = TABLES.read(text)
    judged = LexiconClassifier(TABLES).judge(normal)
    assert len(runs(normal.text, LONGEST_WRITTEN)) <= 162 * LONGEST_WRITTEN
    assert len(runs(normal.sound, LONGEST_HEARD)) <= 162 * LONGEST_HEARD
    assert hints(normal, judged)
