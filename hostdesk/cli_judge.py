"""``hostdesk classify`` and ``hostdesk analyse``: what the window judges, on the command line."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hostdesk.analysis.pipeline import Pipeline
from hostdesk.analysis.pipeline import classify as judge
from hostdesk.content.lexicons import load_tables
from hostdesk.events import AnyEvent, Comment
from hostdesk.findings import Finding, QuestionGroup, Verdict
from hostdesk.sources.recordings import open_recording
from hostdesk.text import Words

_ENCODER = msgspec.json.Encoder()


def classify(args: argparse.Namespace, say: Words) -> int:
    """A line in, a line out, in constant memory."""
    tables = load_tables()
    for number, line in enumerate(sys.stdin, 1):
        text = line.rstrip("\r\n")
        if not text:
            continue
        given = _given(text, number)
        if given is None:
            print(say("cli.bad_line", line=number), file=sys.stderr)
            return 2
        verdict = judge(str(given["text"]), tables)
        if args.json:
            _put({"id": given.get("id"), **_verdict(verdict)})
        else:
            names = ", ".join(say(f"label.{label.value}") for label in verdict.labels)
            print(f"{names or say('label.none')}\t{given['text']}", flush=True)
    return 0


def analyse(args: argparse.Namespace, say: Words) -> int:
    """A recording through the whole analysis at full speed: findings, then a summary."""
    count = _Count()
    recording = open_recording(Path(args.file))
    pipeline = Pipeline(load_tables(), {})
    started = time.perf_counter()
    seq = 0
    for batch in recording.batches():
        for event in batch:
            seq += 1
            count.event(event)
            for derived in pipeline.receive(seq, event):
                for line in count.derived(derived):
                    _tell(line, args, say)
    seconds = max(time.perf_counter() - started, 1e-6)
    summary = count.summary(recording.skipped, seconds)
    if args.json:
        _put(summary)
    else:
        print(say("cli.summary", **_plain(summary, say)))
    if recording.skipped:
        lines = ", ".join(str(n) for n in recording.skipped_lines)
        print(say("cli.skipped", n=recording.skipped, lines=lines), file=sys.stderr)
    return 0


class _Count:
    """What the summary tells."""

    def __init__(self) -> None:
        self.comments = 0
        self.authors: set[str] = set()
        self.first_ms = self.last_ms = 0
        self.by_label: Counter[str] = Counter()
        self.findings: Counter[str] = Counter()
        self.questions: dict[str, int] = {}

    def event(self, event: AnyEvent) -> None:
        self.first_ms = self.first_ms or event.at_ms
        self.last_ms = max(self.last_ms, event.at_ms)
        if isinstance(event, Comment):
            self.comments += 1
            self.authors.add(event.author_id)

    def derived(self, derived: Verdict | Finding | QuestionGroup) -> Iterator[dict[str, Any]]:
        match derived:
            case Verdict():
                self.by_label.update(label.value for label in derived.labels)
            case QuestionGroup():
                known = self.questions.get(derived.topic, 0)
                self.questions[derived.topic] = max(known, derived.authors)
            case Finding():
                if derived.state == "opened":
                    self.findings[derived.finding_kind] += 1
                yield finding_of(derived)

    def summary(self, skipped: int, seconds: float) -> dict[str, Any]:
        return {
            "kind": "summary",
            "comments": self.comments,
            "authors": len(self.authors),
            "minutes": round((self.last_ms - self.first_ms) / 60_000, 1),
            "by_label": dict(self.by_label.most_common()),
            "findings": dict(self.findings),
            "questions": dict(sorted(self.questions.items(), key=lambda item: -item[1])),
            "skipped": skipped,
            "lines_per_second": round(self.comments / seconds),
        }


def _given(text: str, number: int) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return {"id": number, "text": text}
    try:
        given = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    return given if isinstance(given, dict) and isinstance(given.get("text"), str) else None


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "labels": [label.value for label in verdict.labels],
        "scores": verdict.scores,
        "spans": [
            {"start": span.start, "end": span.end, "label": span.label.value}
            for span in verdict.spans
        ],
        "unsure": verdict.unsure,
        "lane": verdict.lane.value if verdict.lane else None,
        "topic": verdict.topic,
    }


def finding_of(finding: Finding) -> dict[str, Any]:
    """A finding as ``analyse --json`` prints it."""
    return {
        "kind": finding.finding_kind,
        "at_ms": finding.at_ms,
        "labels": [label.value for label in finding.labels],
        "authors": finding.authors,
        "comments": finding.comments,
        "sample": list(finding.sample),
        "evidence": [
            {"signal": each.signal, "value": each.value, "usual": each.usual}
            for each in finding.evidence
        ],
        "confidence": finding.confidence,
        "id": finding.finding_id,
        "state": finding.state,
        "topic": finding.topic,
        "flavour": finding.flavour,
        "since_ms": finding.since_ms,
        "with_order": finding.with_order,
    }


def _tell(line: dict[str, Any], args: argparse.Namespace, say: Words) -> None:
    if args.json:
        _put(line)
    elif line["kind"] != "flag" and line["state"] != "grew":
        print(finding_line(line, say))


def finding_line(line: dict[str, Any], say: Words) -> str:
    """One finding as a sentence for people."""
    clock = time.strftime("%H:%M:%S", time.localtime(line["at_ms"] / 1000))
    return say(
        "cli.finding",
        clock=clock,
        kind=say.get(f"finding.{line['kind']}", line["kind"]),
        state=say(f"cli.state_{line['state']}"),
        topic=say.get(f"topic.{line['topic']}", line["topic"]),
        authors=line["authors"],
        sample=(line["sample"] or ("",))[0],
    )


def _plain(summary: dict[str, Any], say: Words) -> dict[str, Any]:
    labels = ", ".join(f"{say('label.' + k)} {v}" for k, v in summary["by_label"].items())
    found = ", ".join(f"{say('finding.' + k)} {v}" for k, v in summary["findings"].items())
    return {**summary, "labels": labels or "-", "found": found or "-"}


def _put(line: dict[str, Any]) -> None:
    sys.stdout.write(_ENCODER.encode(line).decode() + "\n")
    sys.stdout.flush()
