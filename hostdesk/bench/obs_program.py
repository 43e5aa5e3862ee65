"""A real OBS Studio (28 to 30) with nothing in it, under an X server of its own."""

import json
import os
import secrets
import shutil
import socket
import subprocess
from pathlib import Path

from hostdesk.bench.ending import GaveUpError, end, wait
from hostdesk.bench.ground import start_display

START_LIMIT_S = 45.0
_NAME = "hostdesk"
_GLOBAL = """[General]
Pre19Defaults=false
Pre21Defaults=false
Pre23Defaults=false
Pre24.1Defaults=false
FirstRun=true
LastVersion=486539266
EnableAutoUpdates=false
ConfirmOnExit=false
[Basic]
Profile=hostdesk
ProfileDir=hostdesk
SceneCollection=hostdesk
SceneCollectionFile=hostdesk
ConfigOnNewProfile=false
[BasicWindow]
PreviewEnabled=false
SysTrayEnabled=false
[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort={port}
AlertsEnabled=false
AuthRequired=true
ServerPassword={password}
"""
_PROFILE = """[General]
Name=hostdesk
[Output]
Mode=Simple
[Video]
BaseCX=1920
BaseCY=1080
OutputCX=640
OutputCY=360
FPSType=0
FPSCommon=10
[Audio]
SampleRate=48000
ChannelSetup=Stereo
"""


class ObsProgram:
    """One OBS in ``folder``; ended by its process id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = _free_port()
        self.password = secrets.token_urlsafe(12)
        self._obs: subprocess.Popen[bytes] | None = None
        self._display: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens.

        Raises:
            GaveUpError: it ended, or does not listen.
        """
        self._write_config()
        display = shutil.which("Xvfb")
        program = shutil.which("obs")
        if display is None or program is None:
            raise GaveUpError("OBS")
        self._display, number = start_display(display)
        self._obs = subprocess.Popen(
            [
                *(program, "--multi", "--minimize-to-tray", "--disable-missing-files-check"),
                *("--disable-updater", "--profile", _NAME, "--collection", _NAME),
                *("--websocket_port", str(self.port), "--websocket_password", self.password),
                "--websocket_ipv4_only",
            ],
            env=self._environment(number),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait(lambda: self._is_gone() or _listens(self.port), START_LIMIT_S, "OBS")
        if self._is_gone():
            raise GaveUpError("OBS")

    def stop(self) -> None:
        """End OBS and its display."""
        end(self._obs)
        end(self._display)

    def _is_gone(self) -> bool:
        return self._obs is None or self._obs.poll() is not None

    def _environment(self, display: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "TMPDIR")}
        return kept | {
            "HOME": str(self._folder / "home"),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
            "XDG_RUNTIME_DIR": str(self._folder / "run"),
            "DISPLAY": f":{display}",
            "LANG": "C.UTF-8",
            "PULSE_SERVER": "unix:/nonexistent",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "LP_NUM_THREADS": "2",
            "QT_QPA_PLATFORM": "xcb",
        }

    def _write_config(self) -> None:
        config = self._folder / "config" / "obs-studio"
        profile, scenes = config / "basic" / "profiles" / _NAME, config / "basic" / "scenes"
        for folder in (profile, scenes, self._folder / "home", self._folder / "run"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        told = _GLOBAL.format(port=self.port, password=self.password)
        (config / "global.ini").write_text(told, encoding="utf-8")
        (profile / "basic.ini").write_text(_PROFILE, encoding="utf-8")
        (scenes / f"{_NAME}.json").write_text(json.dumps(_collection()), encoding="utf-8")


def _collection() -> dict[str, object]:
    scene = {"id": "scene", "name": "Scene", "settings": {"items": [], "id_counter": 0}}
    return {
        "name": _NAME,
        "current_scene": "Scene",
        "current_program_scene": "Scene",
        "scene_order": [{"name": "Scene"}],
        "sources": [scene],
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 0.5):
            return True
    except OSError:
        return False
