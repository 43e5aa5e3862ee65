"""The rehearsal shows, and what the analysis must and must not find in each.

The expectations were written from the script of each show, before any detector ran on it.
They live here only: the show files hold nothing but what viewers, host and stream did.
"""

import functools
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hostdesk import paths
from hostdesk.analysis.pipeline import Pipeline
from hostdesk.content.lexicons import load_tables
from hostdesk.events import AnyEvent, Comment, Tick
from hostdesk.findings import Finding, QuestionGroup, Verdict

HERE = Path(__file__).parent
NAMES = sorted(file.name.partition(".")[0] for file in HERE.glob("*.expected.json"))


class Played(msgspec.Struct):
    """One show after it was played."""

    start_ms: int
    findings: list[Finding]
    questions: list[QuestionGroup]
    verdicts: dict[str, Verdict]
    """By text: the first verdict on it."""
    texts: dict[int, str]
    comment_ids: dict[int, str]


@functools.cache
def expected(name: str) -> dict[str, Any]:
    return json.loads((HERE / f"{name}.expected.json").read_text(encoding="utf-8"))


@functools.cache
def played(name: str) -> Played:
    decode = msgspec.json.Decoder(AnyEvent).decode
    lines = (paths.resources() / "shows" / f"{name}.jsonl").read_bytes().splitlines()
    events = [decode(line) for line in lines if line.strip()]
    show = Played(events[0].at_ms, [], [], {}, {}, {})
    pipeline, seq, second = Pipeline(load_tables()), 0, events[0].at_ms // 1000
    for event in events:
        while second < event.at_ms // 1000:
            second, seq = second + 1, seq + 1
            _take(show, pipeline.receive(seq, Tick(at_ms=second * 1000)), None)
        seq += 1
        if isinstance(event, Comment):
            show.texts[seq] = event.text
            show.comment_ids[seq] = event.comment_id
        _take(show, pipeline.receive(seq, event), event)
    return show


def _take(show: Played, derived: list[Any], event: AnyEvent | None) -> None:
    for one in derived:
        if isinstance(one, Finding):
            show.findings.append(one)
        elif isinstance(one, QuestionGroup):
            show.questions.append(one)
        elif isinstance(event, Comment):
            show.verdicts.setdefault(event.text, one)


def _each(part: str) -> list[Any]:
    return [
        pytest.param(name, entry, id=f"{name}-{number}")
        for name in NAMES
        for number, entry in enumerate(expected(name).get(part, []))
    ]


def clock(show: Played, at_ms: int) -> str:
    seconds = (at_ms - show.start_ms) // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"


def _about(finding: Finding, topic: str) -> bool:
    """Copies have a flavour rather than a topic: what they are about lies in their words."""
    return not topic or finding.finding_kind in ("raid", "echo") or finding.topic == topic


@pytest.mark.parametrize(("name", "wanted"), _each("findings"))
def test_what_must_be_found_is_found_in_time(name: str, wanted: dict[str, Any]):
    alike = [
        one
        for one in played(name).findings
        if one.finding_kind == wanted["kind"]
        and one.state != "closed"
        and wanted["from_ms"] <= one.at_ms <= wanted["until_ms"]
        and _about(one, wanted.get("topic", ""))
    ]
    most = max((one.authors for one in alike), default=0)
    assert most >= wanted.get("min_authors", 1), wanted["why"]


@pytest.mark.parametrize(("name", "wanted"), _each("never"))
def test_what_must_not_be_found_is_not(name: str, wanted: dict[str, Any]):
    show = played(name)
    found = [
        (clock(show, one.at_ms), one.topic, one.authors, one.sample)
        for one in show.findings
        if one.finding_kind == wanted["kind"]
        and one.state == "opened"
        and wanted["from_ms"] <= one.at_ms <= wanted["until_ms"]
    ]
    assert not found, wanted["why"]


@pytest.mark.parametrize(("name", "wanted"), _each("lanes"))
def test_telling_lines_go_to_their_lane(name: str, wanted: dict[str, Any]):
    verdict = played(name).verdicts[wanted["text"]]
    labels = {label.value for label in verdict.labels}
    found = (wanted.get("why", ""), wanted["text"], verdict.lane, sorted(labels))
    assert verdict.lane == wanted["lane"], found
    assert not wanted.get("labels_any") or labels & set(wanted["labels_any"]), found
    assert not labels & set(wanted.get("labels_none") or ()), found


@pytest.mark.parametrize(("name", "wanted"), _each("questions"))
def test_the_same_question_by_many_is_one_group(name: str, wanted: dict[str, Any]):
    most = max(
        (
            one.authors
            for one in played(name).questions
            if one.topic == wanted["topic"] and wanted["from_ms"] <= one.at_ms <= wanted["until_ms"]
        ),
        default=0,
    )
    assert most >= wanted["min_authors"], wanted["topic"]


@pytest.mark.parametrize(("name", "wanted"), _each("not_in_raid"))
def test_people_with_their_own_story_are_in_no_raid(name: str, wanted: Any):
    show = played(name)
    text = wanted.get("text") if isinstance(wanted, dict) else wanted
    spared = {seq for seq, said in show.texts.items() if said == text}
    assert spared, "the line is not in the show"
    accused = {seq for one in show.findings if one.finding_kind == "raid" for seq in one.seqs}
    assert not spared & accused, wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_show_file_holds_only_what_viewers_host_and_stream_did(name: str):
    lines = (paths.resources() / "shows" / f"{name}.jsonl").read_text(encoding="utf-8")
    kinds = {json.loads(line)["kind"] for line in lines.splitlines() if line.strip()}
    allowed = {"comment", "host_said", "gift", "member", "join", "like", "stream", "health", "gap"}
    assert kinds <= allowed
