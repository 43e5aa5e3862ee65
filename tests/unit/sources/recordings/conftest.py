import pytest

from hostdesk.sources.recordings import open_recording


@pytest.fixture
def recording(tmp_path):
    """Writes bytes (or text) to a file and opens it."""

    def make(content, name="chat.bin"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_recording(path)

    return make


@pytest.fixture
def texts():
    """The words of all comments of a recording."""

    def read(recording):
        events = [event for batch in recording.batches() for event in batch]
        return [event.text for event in events if hasattr(event, "text")]

    return read
