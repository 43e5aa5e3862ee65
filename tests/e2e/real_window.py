"""A real window in a process of its own, on a given display."""

import json
import os
import subprocess
import sys

from tests.e2e.engine_process import OBS_AWAY, ROOT, until


class RealWindow:
    """The window of `hostdesk`, driven by `window_driver`."""

    def __init__(self, data, display, *arguments, join=True):
        environment = {
            **os.environ,
            "HOSTDESK_DATA": str(data),
            "QT_QPA_PLATFORM": "xcb",
            "DISPLAY": display,
        }
        self.process = subprocess.Popen(
            [sys.executable, "tests/e2e/window_driver.py", *(["--join"] if join else []),
             "--data", str(data), *arguments],
            cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self._read() == "ready"

    def do(self, what, *arguments):
        self.process.stdin.write(json.dumps({"do": what, "with": arguments}) + "\n")
        self.process.stdin.flush()
        return self._read()

    def until(self, condition, what=""):
        """Wait until the window shows it; gives the state."""

        def shown():
            state = self.do("state")
            return state if condition(state) else None

        return until(shown, what=what or "the window")

    def put_up(self, text, phases=("seen",)):
        """Type and press 上屏; a starved OBS that did not answer is asked once more."""
        self.do("type_notice", text)

        def pressed():
            self.do("press_up")
            state = self.until(lambda state: state["phase"] in (*phases, "failed"), "已上屏")
            assert state["phase"] in phases or state["error"] in OBS_AWAY, state
            return state["phase"] in phases

        until(pressed, what="已上屏")

    def kill(self):
        self.process.kill()
        self._end()

    def close(self):
        """Close the window as a person does; its words on standard error must be none."""
        if self.process.poll() is None:
            self.do("close")
            self.process.wait(30)
        said = self.process.stderr.read()
        self._end()
        assert self.process.returncode == 0, said
        assert "Traceback" not in said, said

    def _end(self):
        self.process.wait(30)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def _read(self):
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        answer = json.loads(line)
        assert "error" not in answer, answer
        return answer["ok"]
