"""Builders of shows for the journal's tests."""

import pytest

from hostdesk.events import Comment, ShowOpened
from hostdesk.journal.show_file import ShowJournal

START_MS = 1_790_000_000_000


def opened_as(**fields):
    told = {
        "at_ms": START_MS, "show_id": "20260921-201320", "title": "周一专场", "version": "0.1",
        "zone_offset_min": 480, "platform": "douyin",
    }  # fmt: skip
    return ShowOpened(**{**told, **fields})


def said(text, n=0, **fields):
    told = {
        "at_ms": START_MS + 1_000 + n, "text": text, "author_id": f"viewer-{n:04}",
        "author_name": f"名字{n:04}", "comment_id": f"comment-{n:04}", "platform": "douyin",
    }  # fmt: skip
    return Comment(**{**told, **fields})


@pytest.fixture
def show_path(tmp_path):
    folder = tmp_path / "shows"
    folder.mkdir()
    return folder / "20260921-201320.hostdesk"


@pytest.fixture
def journal(show_path):
    """A new show with its first event."""
    journal = ShowJournal.create(show_path, opened_as())
    journal.append([opened_as()], 0)
    yield journal
    if journal.path.with_suffix(".lock").exists():
        journal.close()
