"""The command line as people and scripts meet it: one sentence for bad input, no traceback."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hostdesk import paths
from hostdesk.journal.listing import list_shows
from hostdesk.seats import link_file
from tests.e2e.engine_process import ROOT, until

pytestmark = pytest.mark.e2e
SHOWS = ROOT / "resources" / "shows"


def hostdesk(*arguments, stdin="", limit_s=120, environment=None):
    return subprocess.run(
        [sys.executable, "-m", "hostdesk", *map(str, arguments)],
        cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=limit_s, check=False,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip


def _lines(name):
    return (SHOWS / name).read_text(encoding="utf-8").splitlines()


def rows(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("name", ["pilling", "freeze618", "smear"])
def test_analyse_prints_findings_then_a_summary(name):
    done = hostdesk("analyse", SHOWS / f"{name}.jsonl", "--json")
    assert done.returncode == 0, done.stderr
    *findings, summary = rows(done)
    kinds = {"raid", "echo", "mass_complaint", "accident", "flag"}
    wanted = {"kind", "at_ms", "labels", "authors", "comments", "sample", "evidence", "confidence"}
    assert all(row["kind"] in kinds and wanted <= set(row) for row in findings)
    assert summary["kind"] == "summary"
    assert {"comments", "authors", "minutes", "by_label", "findings", "skipped"} <= set(summary)
    assert summary["skipped"] == 0


def test_classify_answers_line_by_line_with_the_id_given():
    done = hostdesk(
        "classify", "--json", stdin='洗一次就起球了\n{"id": "x", "text": "多少钱", "more": 1}\n'
    )
    first, second = rows(done)
    assert first["labels"] == ["complaint"]
    assert {"scores", "spans", "unsure"} <= set(first)
    assert second["id"] == "x"
    assert second["labels"] == ["question"]


def test_classify_streams():
    process = subprocess.Popen(
        [sys.executable, "-m", "hostdesk", "classify", "--json"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for text in ("起球了", "好看"):
            process.stdin.write(f"{text}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"]
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def recording(folder, name):
    comment = {"kind": "comment", "at_ms": 1, "text": "起球了", "author_id": "a"}
    line = json.dumps(comment, ensure_ascii=False).encode()
    made = {
        "empty.jsonl": b"",
        "blank.xml": b"\n\n   \n",
        "other.jsonl": b'{"a": 1}\n',
        "words.txt": "今天的直播很好\n".encode(),
        "binary.xml": bytes(range(256)) * 40,
        "bomb.xml": b'<!DOCTYPE i [<!ENTITY a "aaaa">]><i><d p="1,1">&a;</d></i>',
        "external.xml": b'<!DOCTYPE i SYSTEM "file:///etc/passwd"><i><d p="1,1">x</d></i>',
        "half.gz": gzip.compress(line * 2000)[:60],
    }
    path = folder / name
    path.write_bytes(made[name])
    return path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("empty.jsonl", "什么都没有"),
        ("blank.xml", "什么都没有"),
        ("other.jsonl", "不是认得的"),
        ("words.txt", "不是认得的"),
        ("binary.xml", "不是认得的"),
        ("bomb.xml", "不允许"),
        ("external.xml", "不允许"),
    ],
)
@pytest.mark.parametrize("how", [("analyse",), ("--replay",)])
def test_a_file_that_is_no_recording_gets_one_sentence(tmp_path, name, says, how):
    done = hostdesk(*how, recording(tmp_path, name))
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("path", "says"), [("/nonexistent/弹幕.xml", "没有这个文件"), (str(ROOT), "是文件夹")]
)
def test_a_path_that_is_no_file_gets_one_sentence(path, says):
    done = hostdesk("analyse", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_what_is_readable_is_read(tmp_path):
    good = '{"kind":"comment","at_ms":%d,"text":"%s","author_id":"a%d"}\n'
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(
        (good % (5_000, "起球了", 1)).encode()
        + b'{"kind": "comment", "at_ms": \n'
        + b"\xff\xfe\x00garbage\n"
        + (good % (4_000, "x" * 1_000_000, 2)).encode()
        + (good % (6_000, "\\u0000\\u0007控制\\u202e字符", 3)).encode()
        + b'{"kind":"comment","at_ms":7000,"text":"cut of'
    )
    done = hostdesk("analyse", broken, "--json")
    assert done.returncode == 0, done.stderr
    summary = rows(done)[-1]
    assert summary["comments"] == 3
    assert summary["skipped"] == 3
    assert "3" in done.stderr


@pytest.mark.parametrize(
    "call",
    [("--demo", "nope"), ("--replay", SHOWS / "pilling.jsonl", "--speed", "-1"), ("--seat", "x")],
)
def test_a_wrong_call_ends_with_2_and_says_why(call):
    done = hostdesk(*call)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_the_demos_are_listed():
    done = hostdesk("--demo", "list", "--lang", "en")
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == [
        "pilling", "freeze618", "smear",
    ]  # fmt: skip


def test_selfcheck_says_that_all_is_well(tmp_path):
    done = hostdesk("--selfcheck", "--lang", "en")
    assert done.returncode == 0, done.stdout
    assert "All is well." in done.stdout


def test_a_rehearsal_without_a_screen_leaves_findings_and_pictures(tmp_path):
    out = tmp_path / "out"
    screenless = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    done = hostdesk(
        "--demo", "freeze618", "--headless", "--out", out, "--lang", "en", environment=screenless
    )
    assert done.returncode == 0, done.stderr
    assert "freeze" in done.stdout.lower() or "卡" in done.stdout
    assert (out / "window.png").stat().st_size > 20_000
    page = (out / "review.html").read_text(encoding="utf-8")
    assert "<html" in page
    listed = hostdesk("shows", "--json")
    [show] = rows(listed)
    reviewed = hostdesk("review", show["show_id"], "--json")
    assert reviewed.returncode == 0, reviewed.stderr
    assert hostdesk("stop").returncode == 1, "nothing is left running"
    written = "".join(log.read_text(encoding="utf-8") for log in paths.data_folder().rglob("*.log"))
    said = [json.loads(line) for line in _lines("freeze618.jsonl")]
    names = {row["author_name"] for row in said if len(row.get("author_name", "")) > 3}
    texts = {row["text"] for row in said if len(row.get("text", "")) > 5}
    assert "opened" in written, "there is a log"
    assert not [each for each in names | texts if each in written], "and nobody is in it"


def test_a_rehearsal_that_was_cut_off_is_played_to_its_end_the_next_time(tmp_path):
    show = tmp_path / "two.jsonl"
    lines = [{"kind": "comment", "at_ms": n * 1000, "text": f"第{n}条"} for n in range(3)]
    show.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    data = paths.make_private(paths.rehearsal_folder())
    engine = subprocess.Popen(
        [sys.executable, "-m", "hostdesk.engine_main", "--replay", str(show), "--speed", "max",
         "--data", str(data), "--stay"], cwd=ROOT,
    )  # fmt: skip
    until(lambda: any(facts.comments == 3 for facts in list_shows(paths.shows_folder(data))))
    engine.kill()
    engine.wait()
    done = hostdesk("--replay", show, "--headless", "--out", tmp_path / "out", limit_s=60)
    assert done.returncode == 0, done.stderr
    assert len(list_shows(paths.shows_folder(data))) == 1


def test_an_export_is_read_again_and_gives_the_same_findings(tmp_path):
    imported = hostdesk("import", SHOWS / "pilling.jsonl", "--title", "起球")
    assert imported.returncode == 0, imported.stderr
    out = tmp_path / "out.jsonl"
    assert hostdesk("export", "last", "--out", out).returncode == 0
    before, after = (
        rows(hostdesk("analyse", file, "--json"))[-1] for file in (SHOWS / "pilling.jsonl", out)
    )
    for key in ("comments", "authors", "by_label", "findings"):
        assert before[key] == after[key], key
    masked = tmp_path / "masked.jsonl"
    assert hostdesk("export", "last", "--out", masked, "--masked").returncode == 0
    names = {
        json.loads(line).get("author_name")
        for line in (SHOWS / "pilling.jsonl").read_text(encoding="utf-8").splitlines()
    } - {None, ""}
    said = [json.loads(line) for line in masked.read_text(encoding="utf-8").splitlines()]
    assert not names & {row.get("author_name") for row in said}


def test_an_export_that_cannot_be_written_says_so(tmp_path):
    hostdesk("import", SHOWS / "pilling.jsonl")
    done = hostdesk("export", "last", "--out", tmp_path / "no" / "where" / "x.jsonl")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert Path(tmp_path / "no").exists() is False


def test_the_engine_alone_runs_until_it_is_told_to_stop(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "hostdesk", "--headless"],
        cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until(lambda: link_file.read(paths.data_folder()), what="the engine")
        second = hostdesk("--headless")
        assert second.returncode == 2
        assert str(process.pid) in second.stderr, "two engines are refused in words"
        assert hostdesk("stop").returncode == 0
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
