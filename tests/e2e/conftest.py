import pytest

from tests.e2e.engine_process import EngineProcess


@pytest.fixture
def engine(tmp_path):
    """Make engines; every one is ended, whatever the test does."""
    made = []

    def make(*arguments, **more):
        process = EngineProcess(tmp_path / "data" / "desk", *arguments, **more)
        made.append(process)
        return process

    yield make
    for process in made:
        if process.process is not None:
            process.stop()
