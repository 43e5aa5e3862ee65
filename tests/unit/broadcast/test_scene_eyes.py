"""How large the pictures are that we ask OBS for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.broadcast.scene_eyes import shrunk


@pytest.mark.parametrize(
    ("canvas", "size"),
    [
        ((1920, 1080), (960, 540)),
        ((1080, 1920), (540, 960)),
        ((640, 360), (640, 360)),
        ((10_000, 10), (960, 8)),
    ],
)
def test_the_longer_side_is_shrunk_and_never_enlarged(canvas, size):
    assert shrunk(canvas, 960) == size


@given(st.tuples(st.integers(8, 10**5), st.integers(8, 10**5)))
def test_obs_accepts_every_size(canvas):
    assert all(8 <= side <= 4096 for side in shrunk(canvas, 960))
