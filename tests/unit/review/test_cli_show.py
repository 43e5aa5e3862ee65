import json
import os
import stat

import pytest

from hostdesk import cli, cli_show, paths
from hostdesk.journal.listing import list_shows
from hostdesk.journal.reader import ShowReader
from hostdesk.text import words

START_MS = 1_781_784_000_000


@pytest.fixture
def recording(tmp_path):
    """Two minutes with a frozen picture."""
    rows = [
        {"kind": "comment", "at_ms": START_MS + n * 1_000, "text": "主播好", "author_id": f"p{n}",
         "author_name": f"路人{n}"}
        for n in range(60)
    ] + [
        {"kind": "comment", "at_ms": START_MS + 60_000 + n * 500, "text": "卡了画面不动了",
         "author_id": f"f{n}", "author_name": f"观众{n}"}
        for n in range(12)
    ]  # fmt: skip
    file = tmp_path / "evening.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    return file


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = cli.main(["--lang", "en", *(str(each) for each in arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def show(recording, run):
    assert run("import", recording, "--title", "618")[0] == 0
    (facts,) = list_shows(paths.shows_folder(paths.data_folder()))
    return facts


def test_an_imported_recording_is_a_closed_and_judged_show(show):
    assert (show.title, show.comments, show.closed, show.rehearsal) == ("618", 72, True, False)
    with ShowReader(show.path) as reader:
        assert any(each.finding_kind == "accident" for _, each in reader.derived("finding"))


def test_the_same_recording_twice_gives_two_shows(show, recording, run):
    run("import", recording)
    names = {each.show_id for each in list_shows(show.path.parent)}
    assert names == {show.show_id, f"{show.show_id}-2"}
    assert list((paths.data_folder() / "importing").iterdir()) == []


def test_what_cannot_be_imported_leaves_nothing(tmp_path, run):
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    code, out, err = run("import", empty)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert list_shows(paths.shows_folder(paths.data_folder())) == []


def test_shows_are_listed(show, run):
    assert show.show_id in run("shows")[1]
    row = json.loads(run("shows", "--json")[1])
    assert (row["show_id"], row["comments"], row["closed"]) == (show.show_id, 72, True)


def test_no_shows_is_said(run):
    code, out, err = run("shows")
    assert (code, out) == (0, "")
    assert err.strip() == words("en")("cli.no_shows")


def test_a_broken_show_file_is_listed_as_such(show, run):
    (show.path.parent / "broken.hostdesk").write_bytes(b"no database at all" * 100)
    assert words("en")("cli.mark_broken") in run("shows")[1]


@pytest.mark.parametrize("name", ["{id}", "{id:.6}", "last"])
def test_a_show_is_found_by_id_by_its_beginning_or_as_the_last(show, run, name):
    asked = name.replace("{id:.6}", show.show_id[:6]).replace("{id}", show.show_id)
    code, out, _ = run("review", asked)
    assert code == 0
    assert "618" in out


def test_the_last_show_is_the_one_written_to_last(show, recording, run):
    run("import", recording)
    later = show.path.with_name(f"{show.show_id}-2.hostdesk")
    os.utime(later, (1, 1))
    assert cli_show.find_show("last") == show.path


@pytest.mark.parametrize("name", ["nope", "", "2"])
def test_an_unknown_or_unclear_name_is_one_sentence(show, recording, run, name):
    run("import", recording)
    code, out, err = run("review", name)
    assert (code, out, len(err.splitlines())) == (2, "", 1)


def test_a_rehearsal_is_found_too(show, run):
    folder = paths.make_private(paths.shows_folder(paths.rehearsal_folder()))
    show.path.rename(folder / show.path.name)
    assert run("review", show.show_id)[0] == 0
    assert show.show_id in run("shows")[1]


def test_json_is_one_object(show, run):
    told = json.loads(run("review", "last", "--json")[1])
    assert told["facts"]["title"] == "618"
    assert [moment["kind"] for moment in told["moments"]] == ["accident"]


def test_the_page_is_for_this_user_only(show, run, tmp_path):
    page = tmp_path / "review.html"
    code, out, _ = run("review", "last", "--html", page)
    assert (code, out) == (0, "")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


@pytest.mark.parametrize(("name", "begins"), [("r.pdf", b"%PDF"), ("r.png", b"\x89PNG")])
def test_on_paper(show, run, tmp_path, name, begins):
    out = tmp_path / name
    assert run("review", "last", "--pdf", out)[0] == 0
    assert out.read_bytes().startswith(begins)


@pytest.mark.parametrize("option", ["--html", "--pdf"])
def test_a_place_that_cannot_be_written_is_one_sentence(show, run, tmp_path, option):
    for target in (tmp_path / "missing" / "x.html", tmp_path):
        code, out, err = run("review", "last", option, target)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert str(target) in err


def test_an_export_can_be_imported_again(show, run, tmp_path):
    out = tmp_path / "out.jsonl"
    assert run("export", "last", "--out", out)[0] == 0
    assert run("import", out)[0] == 0
    shows = list_shows(show.path.parent)
    assert [each.comments for each in shows] == [72, 72]


def test_a_masked_export_names_nobody(show, run, tmp_path):
    out = tmp_path / "out.jsonl"
    assert run("export", "last", "--out", out, "--masked")[0] == 0
    assert "路人" not in out.read_text(encoding="utf-8")


def test_an_export_that_cannot_be_written_is_one_sentence(show, run, tmp_path):
    code, _, err = run("export", "last", "--out", tmp_path / "missing" / "x.jsonl")
    assert (code, len(err.splitlines())) == (2, 1)


def test_the_page_of_a_rehearsal_without_a_screen(show, tmp_path):
    page = tmp_path / "review.html"
    cli_show.write_page(show, page, words("zh"))
    assert "618" in page.read_text(encoding="utf-8")
