import importlib.util
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.bilibili import WAYS, command, packed

FILE = Path(__file__).parents[2] / "fuzz" / "fuzz_bilibili.py"
SPEC = importlib.util.spec_from_file_location("fuzz_bilibili", FILE)
FUZZ = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(FUZZ)

DM = command("LIVE_OPEN_PLATFORM_DM", {"msg": "多少钱", "msg_id": "1", "open_id": "o"})


@given(st.one_of(
    st.binary(),
    st.sampled_from(WAYS).map(lambda way: packed(DM, way)),
    st.binary(max_size=30).map(lambda b: DM[16:-2] + b),
))  # fmt: skip
def test_the_fuzz_target_takes_anything(data):
    FUZZ.take(data)
