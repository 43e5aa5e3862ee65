import array
import collections
import os
import pickle
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk import checkpoint
from hostdesk.desk.promises import Promises
from hostdesk.findings import Label


class Static:
    STATIC = True


def packed(state):
    """As `checkpoint.save` writes it, but with anything in it."""
    return zlib.compress(pickle.dumps((checkpoint.SHAPE, "v1", state)))


def test_state_comes_back_and_static_content_is_the_one_loaded_now():
    old, new = Static(), Static()
    state = {
        "promises": Promises(480),
        "tables": old,
        "recent": collections.deque([1, 2], maxlen=5),
        "times": array.array("q", [7, 1 << 40]),
    }
    body = checkpoint.save(state, "v1", {"tables": old})
    back = checkpoint.load(body, "v1", {"tables": new})
    assert back["tables"] is new
    assert list(back["recent"]) == [1, 2]
    assert back["recent"].maxlen == 5
    assert back["times"] == state["times"]


def test_another_version_is_not_read():
    body = checkpoint.save({}, "v1", {})
    with pytest.raises(checkpoint.CheckpointError):
        checkpoint.load(body, "v2", {})


@pytest.mark.parametrize("evil", [os.system, eval, exec, pickle.loads])
def test_nothing_but_our_own_is_ever_built(evil):
    class Trap:
        def __reduce__(self):
            return evil, ("1",)

    with pytest.raises(checkpoint.CheckpointError, match=evil.__name__):
        checkpoint.load(packed(Trap()), "v1", {})


def test_a_module_that_ours_imports_is_not_reached():
    body = b"chostdesk.paths\nos.system\n(S'true'\ntR."
    with pytest.raises(checkpoint.CheckpointError, match=r"os\.system"):
        checkpoint.load(zlib.compress(body), "v1", {})


class ByName:
    """As Python 3.11.2 writes a member of an enum."""

    def __init__(self, owner, name):
        self.how = (owner, name)

    def __reduce__(self):
        return getattr, self.how


def test_members_of_enums_come_back_as_older_pythons_wrote_them():
    assert checkpoint.load(packed(ByName(Label, "HOSTILE")), "v1", {}) is Label.HOSTILE


@pytest.mark.parametrize(
    ("owner", "name"), [(Label, "__class__"), (Label, "mro"), (Promises, "__init__"), ("", "join")]
)
def test_getattr_reaches_nothing_but_members_of_enums(owner, name):
    with pytest.raises(checkpoint.CheckpointError, match=r"getattr|KeyError"):
        checkpoint.load(packed(ByName(owner, name)), "v1", {})


@given(st.data())
def test_one_that_was_damaged_on_the_disk_is_not_read(data):
    body = bytearray(checkpoint.save({"a": [*range(500)]}, "v1", {}))
    at = data.draw(st.integers(0, len(body) - 1))
    if data.draw(st.booleans()):
        del body[at:]
    else:
        body[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(checkpoint.CheckpointError):
        checkpoint.load(bytes(body), "v1", {})


@given(st.binary())
def test_whatever_the_bytes_only_our_own_error(body):
    with pytest.raises(checkpoint.CheckpointError):
        checkpoint.load(body, "v1", {})
