import pytest

from hostdesk import paths
from hostdesk.analysis.lexicon import Helper
from hostdesk.content import files, lexicons
from hostdesk.errors import ContentError
from hostdesk.findings import Label, Lane
from hostdesk.text import LOCALES, words

ROWS = [
    (f"{locale}:{line}", cells)
    for locale in lexicons.LOCALES
    for line, cells in files.read_tsv(f"lexicons/{locale}.tsv")
]


def test_every_row_of_a_lexicon_has_a_source_and_a_known_kind():
    kinds = {label.value for label in Label} | {helper.value for helper in Helper}
    for where, cells in ROWS:
        assert len(cells) == len(lexicons.COLUMNS), where
        assert cells[1] in kinds, where
        assert cells[5].strip(), where


def test_no_row_stands_twice():
    seen = [(*cells[:3], where[:2]) for where, cells in ROWS]
    assert len(seen) == len(set(seen))


def test_every_topic_and_label_has_a_word_in_every_locale():
    topics = {
        cells[2].partition("/")[0]
        for _, cells in ROWS
        if cells[2] and cells[1] != Helper.EXCEPTION.value
    }
    for locale in LOCALES:
        say = words(locale)
        assert all(say.has(f"topic.{topic}") for topic in topics)
        assert all(say.has(f"label.{label}") for label in Label)
        assert all(say.has(f"lane.{lane}") for lane in Lane)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("卡\tnonsense\t\t0.5\t\tx", "kind"),
        ("卡\taccident\t\tmuch\t\tx", "weight"),
        ("卡\taccident\t\t7\t\tx", "weight"),
        ("卡\taccident\t\t0.5\tloud\tx", "how"),
        ("…卡\taccident\t\t0.5\t\tx", "term"),
    ],
)
def test_a_wrong_row_is_named_by_file_line_and_field(row, field, tmp_path, monkeypatch):
    monkeypatch.setenv("HOSTDESK_DATA", str(tmp_path))
    own = paths.own_content() / "lexicons"
    own.mkdir(parents=True)
    (own / "zh.tsv").write_text(f"# one\n{row}\n", encoding="utf-8")
    with pytest.raises(ContentError) as told:
        lexicons.load_tables()
    assert told.value.params["file"] == "lexicons/zh.tsv"
    assert told.value.params["entry"] == "2"
    assert told.value.params["field"] == field


def test_an_operator_can_add_a_word(tmp_path, monkeypatch):
    monkeypatch.setenv("HOSTDESK_DATA", str(tmp_path))
    own = paths.own_content() / "lexicons"
    own.mkdir(parents=True)
    (own / "zh.tsv").write_text("起坨坨\tcomplaint\tquality\t0.7\t\town\n", encoding="utf-8")
    assert lexicons.load_tables().terms[0].entry.term == "起坨坨"
    assert all((paths.resources() / name).is_file() for name in lexicons.names())
