"""What goes wrong is in the log by kind and place, never in the words that it quotes."""

import logging

import pytest

from hostdesk import logs


@pytest.fixture
def folder(tmp_path):
    """A folder that is logged to; afterwards logging is as before."""
    root, quiet = logging.getLogger(), ("websockets", "httpx", "httpcore")
    before = root.handlers[:], root.level, [logging.getLogger(name).level for name in quiet]
    for handler in root.handlers[:]:
        root.removeHandler(handler)  # `start` would close those of the test run
    logs.start(tmp_path, "engine")
    yield tmp_path
    for handler in root.handlers[:]:
        handler.close()
    root.handlers[:], root.level = before[0], before[1]
    for name, level in zip(quiet, before[2], strict=True):
        logging.getLogger(name).setLevel(level)


@pytest.mark.expects_log
def test_an_error_is_logged_without_what_it_quotes(folder):
    words = " ".join(["not", "for", "a", "log"])  # joined: a line of code may be in a log
    try:
        try:
            int(words)
        except ValueError as exc:
            raise ExceptionGroup(words, [exc]) from exc
    except ExceptionGroup:
        logging.getLogger("hostdesk.test").exception("it broke")
    written = (folder / "engine.log").read_text(encoding="utf-8")
    assert "it broke" in written
    assert "ValueError" in written
    assert "test_logs.py" in written
    assert words not in written


def test_addresses_of_calls_are_not_logged(folder):
    for name in ("httpx", "websockets.client", "httpcore.http11"):
        logging.getLogger(name).info("GET https://x/?key=secret")
    assert "secret" not in (folder / "engine.log").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path, capsys):
    (tmp_path / "file").write_text("no folder")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        logs.start(tmp_path / "file" / "logs", "engine")
        logging.getLogger("hostdesk.test").info("still told")
    finally:
        root.handlers[:], root.level = handlers, level
    assert "still told" in capsys.readouterr().err
