import importlib.util
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "sample", sorted((TESTS / "shows" / "formats").iterdir()), ids=lambda p: p.name
)
def test_the_fuzz_target_takes_every_sample(sample):
    spec = importlib.util.spec_from_file_location("fuzz", TESTS / "fuzz" / "fuzz_recordings.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    content = sample.read_bytes()
    for end in (len(content), len(content) // 2, len(content) // 3):
        module.take(content[:end])
