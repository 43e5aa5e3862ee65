import itertools
import json
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.analysis.canon import Canon, fuzzy
from hostdesk.content import files
from tests.unit.analysis.builders import tables


def sound(text: str) -> str:
    return tables().read(text).sound


@pytest.mark.parametrize(
    ("why", "one", "other"),
    [
        ("homophones", "傻逼主播", "煞笔主播"),
        ("n and l", "牛奶", "流来"),
        ("emoji and marks", "大家别买😡！！", "大家别买"),
        ("numbers", "买了3件", "买了25件"),
        ("repetition", "快跑跑跑跑", "快跑"),
        ("traditional", "騙子", "骗子"),
    ],
)
def test_alike_in_sound(why: str, one: str, other: str):
    assert sound(one) == sound(other), why


@pytest.mark.parametrize(("one", "other"), [("起球了", "掉色了"), ("no sound", "no picture")])
def test_different_in_sound(one: str, other: str):
    assert sound(one) != sound(other)


@pytest.mark.parametrize(
    ("syllable", "heard"), [("zhang", "zan"), ("shi", "si"), ("ning", "lin"), ("ang", "an")]
)
def test_confusions_that_many_speakers_make_are_undone(syllable: str, heard: str):
    assert fuzzy(syllable) == heard


@given(st.text(max_size=60))
def test_one_character_a_token_and_no_repetition(text: str):
    form = sound(text)
    assert all(one != other for one, other in itertools.pairwise(form))
    places = tables().canon.places(tables().normalise(text).text)
    assert "".join(place[0] for place in places) == form


def test_the_table_of_syllables_is_what_pypinyin_says():
    spec = find_spec("pypinyin")
    assert spec is not None
    folder = Path((spec.submodule_search_locations or [""])[0])
    readings = json.loads((folder / "pinyin_dict.json").read_text(encoding="utf-8"))
    for _, (syllable, chars) in files.read_tsv("lexicons/syllables.tsv"):
        for char in chars:
            first = unicodedata.normalize("NFD", readings[str(ord(char))].split(",")[0])
            plain = first.replace("u\u0308", "v")
            assert "".join(c for c in plain if c.isascii() and c.isalpha()) == syllable, char


def test_the_table_of_simplified_characters_is_what_opencc_says():
    convert = opencc.OpenCC("t2s").convert
    for _, (simple, traditional) in files.read_tsv("lexicons/simplified.tsv"):
        assert convert(traditional) == simple * len(traditional)


def test_a_canon_without_tables_still_works():
    assert Canon({})("卡了 ok 12") != ""
