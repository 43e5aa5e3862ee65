"""Our own labelled lines: each written, none twice, nothing of the held-out part in training."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_no_line_is_a_near_copy_and_nothing_held_out_leaks():
    ran = subprocess.run(
        [sys.executable, "-m", "model.checking"],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'packaging'}{os.pathsep}{ROOT}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4_000:] + ran.stderr
    assert "held out:" in ran.stdout
