"""What all tests share: builders, an own data folder, no unexpected log record."""

import logging
import os

import hypothesis
import pytest

hypothesis.settings.register_profile("hostdesk", deadline=None)  # machines are noisy
hypothesis.settings.load_profile("hostdesk")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Nothing a test does may reach the user's own shows."""
    monkeypatch.setenv("HOSTDESK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.fixture(autouse=True)
def no_unexpected_log(caplog, request):
    """A warning or error in the log fails the test, unless it is marked ``expects_log``."""
    yield
    if request.node.get_closest_marker("expects_log"):
        return
    records = [
        record
        for phase in ("setup", "call")
        for record in caplog.get_records(phase)
        if record.levelno >= logging.WARNING and record.name.startswith("hostdesk")
    ]
    assert not records, [record.getMessage() for record in records]
