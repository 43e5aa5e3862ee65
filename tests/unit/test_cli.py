"""What the command line decides before any command runs."""

import os

import pytest

from hostdesk import cli, launching


@pytest.mark.parametrize("given", [["--lang", "en"], ["--lang=en"], ["shows", "--lang=en"]])
def test_the_language_is_taken_however_it_is_written(given):
    assert cli._locale(given) == "en"


def test_this_process_is_alive_also_where_there_is_no_proc(monkeypatch):
    assert launching.is_alive(os.getpid())
    monkeypatch.setattr(launching.Path, "exists", lambda self: False)
    monkeypatch.setattr(launching.os, "kill", lambda *_: pytest.fail("on Windows that is Ctrl+C"))
    assert launching.is_alive(os.getpid())
    assert not launching.is_alive(2**22 + 7)
