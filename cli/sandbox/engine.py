"""Start, watch and stop the engine: one background process group that leaves nothing behind."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess  # the engine is a process of its own  # nosec B404
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from edsr.errors import EdsrError

HOST = "127.0.0.1"
LAUNCH = Path(__file__).parent / "launch.py"
READY_SECONDS, TERM_SECONDS, KILL_SECONDS = 20.0, 3.0, 5.0
SAVE_SECONDS = 60.0
"""For as much as it keeps to be written, or to be read again."""


class SandboxError(EdsrError):
    """Something the user can put right; the message says what and how."""


@dataclass(frozen=True)
class Running:
    """The engine as its state file and the process table tell it."""

    pid: int
    port: int
    memory_mb: int
    iam: bool


class Member(NamedTuple):
    """One process of the engine's group: the engine itself, or a worker that runs a function."""

    pid: int
    kilobytes: int
    command: str


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for the condition, at most this long; whether it came true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def group_members(group: int) -> list[Member]:
    """Each live process in the group."""
    command = ["ps", "-A", "-ww", "-o", "pgid=,pid=,rss=,stat=,args="]
    listing = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - a fixed command  # nosec B603
    rows = (line.split(None, 4) for line in listing.stdout.splitlines())
    return [
        Member(int(row[1]), int(row[2]), row[4])
        for row in rows
        if len(row) == 5 and int(row[0]) == group and row[3][0] != "Z"
    ]


def answers(port: int, path: str = "/_ministack/health") -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


class Engine:
    """The engine of one project folder. Its state, log and worker directories are under `<root>/.edsr/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.python = root / ".venv-engine" / "bin" / "python"
        self.folder = root / ".edsr"
        self.log = self.folder / "engine.log"
        self._state = self.folder / "engine.json"
        self._temporary = self.folder / "tmp"
        self._kept = self.folder / "kept"
        self._launched: dict[str, str] = {}
        self._iam = False
        self._process: subprocess.Popen[bytes] | None = None

    def check(self, port: int) -> None:
        """Raise if it could not start here, before anything is stopped for it."""
        if not self.python.exists():
            raise SandboxError(f"The sandbox's own environment is missing ({self.python}): make .venv-engine/ready")
        before = self.running()
        ours = before is not None and before.port == port
        # An engine that was killed a moment ago may still hold its port.
        if not ours and not until(lambda: not taken(port), KILL_SECONDS):
            raise SandboxError(f"Port {port} is in use: stop what listens there, or choose another with --port")

    def start(
        self,
        port: int,
        seams: str = "all",
        settings: Mapping[str, str] | None = None,
        *,
        iam: bool = False,
        keep: bool = False,
    ) -> None:
        """Start afresh, and return when it answers. `settings` are further environment variables for the engine.

        `iam` has it ask roles and policies before it does what it is asked; with `keep`, what is in it outlives a
        restart.
        """
        self.check(port)
        self.stop()
        self.log.unlink(missing_ok=True)
        kept = self._keeping() if keep else {}
        asks = {"AUTH": str(iam).lower()}
        self._iam = iam
        self._launched = {**self._environment(port, seams), **asks, **kept, **(settings or {})}
        self._launch(port, READY_SECONDS)

    def restart(self) -> None:
        """Shut it down with whatever is under way, as an update of a machine would, and start it on what was kept."""
        running = self.running()
        if running is None or "PERSIST_STATE" not in self._launched:
            raise SandboxError("Only an engine that was started here, to keep what is in it, can be restarted")
        os.kill(running.pid, signal.SIGTERM)  # not its workers: nobody takes their answers any more
        until(lambda: not any(LAUNCH.name in member.command for member in group_members(running.pid)), SAVE_SECONDS)
        self._end_all()
        self._launch(running.port, SAVE_SECONDS)

    def stop(self) -> bool:
        """End every process of the engine and remove what they left; true if something was running."""
        ended = self._end_all()
        shutil.rmtree(self._kept, ignore_errors=True)
        return ended

    def running(self) -> Running | None:
        """The engine if it lives; workers that outlived it do not count."""
        pid, members = self._members()
        if not any(LAUNCH.name in member.command for member in members):
            return None
        state = json.loads(self._state.read_text())
        memory = sum(member.kilobytes for member in members) // 1024
        return Running(pid, state["port"], memory, state.get("iam", False))

    def workers(self) -> list[Member]:
        """The processes that run functions, each of one function."""
        return [member for member in self._members()[1] if str(self._temporary) in member.command]

    def _members(self) -> tuple[int, list[Member]]:
        """What lives of the recorded group; nothing when its number now belongs to someone else's processes."""
        if not self._state.exists():
            return 0, []
        pid = json.loads(self._state.read_text())["pid"]
        members = group_members(pid)
        marks = (LAUNCH.name, str(self._temporary))
        ours = any(mark in member.command for member in members for mark in marks)
        return pid, members if ours else []

    def _environment(self, port: int, seams: str) -> dict[str, str]:
        """Only what is needed: functions inherit it, and nothing of the caller's account may reach them."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        return {
            **kept,
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(port),
            "TMPDIR": str(self._temporary),
            "EDSR_SANDBOX_SEAMS": seams,
        }

    def _keeping(self) -> dict[str, str]:
        kept, objects = str(self._kept), str(self._kept / "objects")
        return {"PERSIST_STATE": "1", "STATE_DIR": kept, "S3_PERSIST": "1", "S3_DATA_DIR": objects}

    def _launch(self, port: int, seconds: float) -> None:
        self._temporary.mkdir(parents=True, exist_ok=True)
        self._spawn(self._launched)
        self._state.write_text(json.dumps({"pid": self._pid(), "port": port, "iam": self._iam}))
        until(lambda: answers(port) or self._process is None or self._process.poll() is not None, seconds)
        if not answers(port):
            self.stop()
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise SandboxError(f"The engine did not come up within {seconds:.0f} s; its log ends:\n{tail}")

    def _spawn(self, environment: Mapping[str, str]) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own file under our own interpreter  # nosec B603
                [self.python, LAUNCH],
                env=environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _pid(self) -> int:
        return self._process.pid if self._process else 0

    def _end_all(self) -> bool:
        pid, members = self._members()
        if members:
            self._end(pid)
        if self._process is not None:
            self._process.wait(KILL_SECONDS)
            self._process = None
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._state.unlink(missing_ok=True)
        return bool(members)

    def _end(self, pid: int) -> None:
        for sent, seconds in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, sent)
            if until(lambda: not group_members(pid), seconds):
                return
        raise SandboxError(f"Processes of the engine's group {pid} do not end: kill -9 -{pid}")
