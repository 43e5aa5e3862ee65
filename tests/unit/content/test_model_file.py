"""The file of weights: read as it was written, refused where it is another thing."""

import zlib

import msgspec
import pytest

from hostdesk import paths
from hostdesk.analysis.model import LABELS, WIDTH, Curve, Stored
from hostdesk.content.model import MAX_BYTES, NAME, load_model, packed
from hostdesk.errors import ContentError

CURVE = Curve(scale=0.1, bias=0.0, slope=1.0, offset=0.0, holds_at=0.8)
STORED = Stored(
    version=1,
    name="abc",
    sounds="s",
    curves=dict.fromkeys(LABELS, CURVE),
    hint_weight=0.3,
    written=["a"],
    written_weights=b"\x01\x00" * (WIDTH // 2),
    heard=[],
    heard_weights=b"",
    hints=[],
    hint_weights=b"",
)


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "own_content", lambda: tmp_path)
    path = tmp_path / NAME
    path.parent.mkdir()
    return path


def test_what_was_written_is_read(file):
    file.write_bytes(packed(STORED))
    model = load_model("s")
    assert model is not None
    assert (model.name, model.curves[LABELS[0]].holds_at) == ("abc", 0.8)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not packed",
        zlib.compress(b"not a model"),
        zlib.compress(msgspec.msgpack.encode({"version": 1})),
        packed(msgspec.structs.replace(STORED, written=["a", "b"])),
        zlib.compress(b"\x00" * (MAX_BYTES + 9)),
    ],
    ids=["empty", "plain", "text", "part of one", "weights lack", "a bomb"],
)
def test_what_is_no_model_is_refused_with_its_name(file, body):
    file.write_bytes(body)
    with pytest.raises(ContentError) as refused:
        load_model("s")
    assert refused.value.params["file"] == NAME
