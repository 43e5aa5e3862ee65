"""Builds wheel and sdist, and starts the built wheel with ``--selfcheck`` from elsewhere."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"


def main() -> int:
    """Build, unpack apart, check; the exit status is the check's."""
    shutil.rmtree(DIST, ignore_errors=True)
    run([sys.executable, "-m", "hatchling", "build"], cwd=ROOT)
    [wheel] = DIST.glob("*.whl")
    for file in sorted(DIST.iterdir()):
        print(f"{file.name}  {file.stat().st_size / 1e6:.1f} MB")
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder) / "unpacked"
        install = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", str(unpacked)]
        run([sys.executable, *install, str(wheel)], cwd=ROOT)
        environment = {
            **os.environ,
            "PYTHONPATH": str(unpacked),
            "HOSTDESK_DATA": str(Path(folder) / "data"),
        }
        where = "import hostdesk.paths as p; print(p.resources())"
        found = subprocess.run(
            [sys.executable, "-c", where],
            cwd=folder, env=environment, check=True, capture_output=True, text=True,
        ).stdout.strip()  # fmt: skip
        if not found.startswith(str(unpacked)):
            print(f"the wheel does not use its own resources: {found}")
            return 1
        check = [sys.executable, "-m", "hostdesk", "--selfcheck", "--lang", "en"]
        return subprocess.run(check, cwd=folder, env=environment, check=False).returncode


def run(command: list[str], cwd: Path) -> None:
    """Run a step; its failure is ours."""
    subprocess.run(command, cwd=cwd, check=True)


if __name__ == "__main__":
    sys.exit(main())
