"""A real OBS Studio (28 to 30) under its own X server, in its own folders, on its own port.

Debian: ``apt-get install obs-studio xvfb libgl1-mesa-dri nginx libnginx-mod-rtmp ffmpeg``.
Everything that is started here is ended by its process id.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

START_LIMIT_S = 60
PASSWORD = "hostdesk-测试"
SCENE = "Live 直播"

_GLOBAL_INI = """[General]
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
WarnBeforeStartingStream=false
WarnBeforeStoppingStream=false
SysTrayEnabled=false
[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort={port}
AlertsEnabled=false
AuthRequired=true
ServerPassword=to-be-overridden
"""

_BASIC_INI = """[General]
Name=hostdesk
[Output]
Mode=Simple
Reconnect=true
RetryDelay=1
MaxRetries=60
[SimpleOutput]
FilePath={recordings}
RecFormat=mkv
VBitrate=600
ABitrate=96
UseAdvanced=true
x264Settings=keyint=20
Preset=ultrafast
StreamEncoder=x264
RecQuality=Stream
[Video]
BaseCX={width}
BaseCY={height}
OutputCX={out_width}
OutputCY={out_height}
FPSType=0
FPSCommon=10
ScaleType=bilinear
[Audio]
SampleRate=48000
ChannelSetup=Stereo
"""

_NGINX_CONF = """daemon off; master_process off; pid {folder}/nginx.pid;
error_log {folder}/error.log info; worker_processes 1;
load_module {module};
events {{ worker_connections 64; }}
rtmp {{ server {{ listen 127.0.0.1:{port}; chunk_size 4096;
  application live {{ live on; record off; }} }} }}
"""


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def need(program: str) -> str:
    """The path of a program that these tests cannot do without."""
    found = shutil.which(program)
    assert found, f"{program} is missing: run the set-up again (make setup)"
    return found


def wait_for(condition: Callable[[], object], limit_s: float, what: str) -> None:
    """Wait until ``condition`` holds; fail after ``limit_s`` saying ``what`` was awaited."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {limit_s} s for {what}"
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether somebody accepts connections on this machine's ``port``."""
    try:
        with socket.create_connection(("127.0.0.1", port), 0.5):
            return True
    except OSError:
        return False


def end(process: subprocess.Popen[bytes] | None, limit_s: float = 8) -> None:
    """End a process that we started: ask, then insist."""
    if process is None or process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGCONT)
        process.terminate()
    try:
        process.wait(limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(limit_s)


class RealObs:
    """OBS with one scene `SCENE`, reached at ``port`` with `PASSWORD`."""

    def __init__(self, folder: Path, *, canvas: tuple[int, int] = (1920, 1080)) -> None:
        self.folder = folder
        self.canvas = canvas
        self.port = free_port()
        self.rtmp_port = free_port()
        self._xvfb: subprocess.Popen[bytes] | None = None
        self._obs: subprocess.Popen[bytes] | None = None
        self._display = ""

    def start(self) -> None:
        """Start OBS (with a fresh set-up at the first time) and wait until it listens."""
        need("obs")
        if not self._config.exists():
            self._write_config()
        if self._xvfb is None:
            self._start_display()
        with (self.folder / "obs.log").open("ab") as log:
            self._obs = subprocess.Popen(
                self._command(), env=self._environment(), stdout=log, stderr=log
            )
        wait_for(self._is_up, START_LIMIT_S, f"OBS to listen; see {self.folder}/obs.log")

    def kill(self) -> None:
        """OBS crashes."""
        assert self._obs
        self._obs.kill()
        self._obs.wait(10)

    def freeze(self) -> None:
        """OBS hangs: it keeps its connections and answers nothing."""
        assert self._obs
        self._obs.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """OBS goes on after `freeze`."""
        assert self._obs
        self._obs.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End OBS and its display."""
        end(self._obs)
        end(self._xvfb)
        self._obs = self._xvfb = None

    @property
    def display(self) -> str:
        """The X display that OBS is on (``:7``); windows under test may share it."""
        return self._display

    @property
    def _config(self) -> Path:
        return self.folder / "config" / "obs-studio"

    def _is_up(self) -> bool:
        assert self._obs
        assert self._obs.poll() is None, f"OBS ended early; see {self.folder}/obs.log"
        return listens(self.port)

    def _command(self) -> list[str]:
        return [
            need("obs"),
            "--multi",
            "--minimize-to-tray",
            "--disable-missing-files-check",
            "--disable-updater",
            *("--profile", "hostdesk", "--collection", "hostdesk"),
            *("--websocket_port", str(self.port), "--websocket_password", PASSWORD),
            "--websocket_ipv4_only",
        ]

    def _environment(self) -> dict[str, str]:
        private = self.folder / "xdg"
        private.mkdir(mode=0o700, exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "TMPDIR")}
        return kept | {
            "HOME": str(self.folder / "home"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_RUNTIME_DIR": str(private),
            "DISPLAY": self._display,
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "PULSE_SERVER": "unix:/nonexistent",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "GALLIUM_DRIVER": "llvmpipe",
            "LP_NUM_THREADS": "2",
            "QT_QPA_PLATFORM": "xcb",
        }

    def _start_display(self) -> None:
        read_end, write_end = os.pipe()
        with (self.folder / "xvfb.log").open("ab") as log:
            self._xvfb = subprocess.Popen(
                [
                    need("Xvfb"),
                    *("-displayfd", str(write_end), "-screen", "0", "1280x800x24"),
                    *("-nolisten", "tcp", "+extension", "GLX", "-noreset"),
                ],
                pass_fds=[write_end],
                stdout=log,
                stderr=log,
            )
        os.close(write_end)
        with os.fdopen(read_end) as told:
            number = told.readline().strip()
        assert number, f"Xvfb did not start; see {self.folder}/xvfb.log"
        self._display = f":{number}"

    def _write_config(self) -> None:
        profile = self._config / "basic" / "profiles" / "hostdesk"
        scenes = self._config / "basic" / "scenes"
        for folder in (profile, scenes, self.folder / "rec", self.folder / "home"):
            folder.mkdir(parents=True, exist_ok=True)
        (self._config / "global.ini").write_text(_GLOBAL_INI.format(port=self.port))
        width, height = self.canvas
        basic = _BASIC_INI.format(
            recordings=self.folder / "rec",
            width=width,
            height=height,
            out_width=width // 3,
            out_height=height // 3,
        )
        (profile / "basic.ini").write_text(basic)
        (profile / "service.json").write_text(json.dumps(self._service()))
        (scenes / "hostdesk.json").write_text(json.dumps(_collection(), ensure_ascii=False))

    def _service(self) -> dict[str, object]:
        server = f"rtmp://127.0.0.1:{self.rtmp_port}/live"
        settings = {"server": server, "key": "test", "use_auth": False, "bwtest": False}
        return {"type": "rtmp_custom", "settings": settings}


class RtmpServer:
    """A real nginx-rtmp on this machine: where OBS streams to."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._nginx: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start nginx and wait until it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        conf = self.folder / "nginx.conf"
        module = "/usr/lib/nginx/modules/ngx_rtmp_module.so"
        assert Path(module).exists(), "libnginx-mod-rtmp is missing: run the set-up again"
        conf.write_text(_NGINX_CONF.format(folder=self.folder, module=module, port=self.port))
        error_log = str(self.folder / "error.log")
        self._nginx = subprocess.Popen(
            [need("nginx"), "-p", str(self.folder), "-c", str(conf), "-e", error_log],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: listens(self.port), 10, "nginx-rtmp to listen")

    def kill(self) -> None:
        """The uplink's far end dies."""
        assert self._nginx
        self._nginx.kill()
        self._nginx.wait(10)

    def stop(self) -> None:
        """End nginx."""
        end(self._nginx)


def moving_video(path: Path, size: tuple[int, int] = (640, 360)) -> Path:
    """A short film in which everything moves, for a scene to show behind the notice."""
    subprocess.run(
        [
            need("ffmpeg"),
            *("-v", "error", "-y", "-f", "lavfi"),
            *("-i", f"testsrc2=size={size[0]}x{size[1]}:rate=10:duration=4"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path)),
        ],
        check=True,
        timeout=60,
    )
    return path


@contextlib.contextmanager
def running_obs(folder: Path, *, canvas: tuple[int, int] = (1920, 1080)) -> Iterator[RealObs]:
    """A started OBS, ended at the end whatever happens."""
    obs = RealObs(folder, canvas=canvas)
    try:
        obs.start()
        yield obs
    finally:
        obs.stop()


def _collection() -> dict[str, object]:
    scene = {
        "id": "scene",
        "versioned_id": "scene",
        "name": SCENE,
        "settings": {"items": [], "id_counter": 0},
        "enabled": True,
        "muted": False,
        "volume": 1.0,
        "mixers": 0,
    }
    return {
        "name": "hostdesk",
        "current_scene": SCENE,
        "current_program_scene": SCENE,
        "scene_order": [{"name": SCENE}],
        "sources": [scene],
        "groups": [],
        "transitions": [],
        "current_transition": "Cut",
        "transition_duration": 300,
        "preview_locked": False,
        "saved_projectors": [],
        "quick_transitions": [],
    }
