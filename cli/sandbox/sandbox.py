"""The sandbox as the command line sees it: up, down, status, and clients for what runs inside."""

import json
import platform
import subprocess  # the engine is a process of its own  # nosec B404
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import boto3
from botocore.config import Config

from cli.sandbox.deploy import REGION, DeployError, Progress, deploy, silently
from cli.sandbox.engine import HOST, Engine, Member
from cli.sandbox.readback import Host, readback
from cli.sandbox.resources import Difference

NOTHING: Mapping[str, Any] = MappingProxyType({})
ARCHITECTURES = {"aarch64": "arm64", "AMD64": "x86_64"}  # as Lambda names what the host calls so


@dataclass(frozen=True)
class Status:
    """What runs; `memory_mb` counts the engine and its workers, `iam` says whether roles and policies are enforced."""

    running: bool
    pid: int = 0
    port: int = 0
    memory_mb: int = 0
    stacks: tuple[str, ...] = ()
    iam: bool = False


class Sandbox:
    """One project's local AWS. `settings` are environment variables for the engine, and so for every function.

    With `iam` whoever asks for something needs the permission for it; the clients given here may do everything. With
    `keep`, what is in it outlives a restart.
    """

    def __init__(
        self,
        root: Path,
        port: int = 4566,
        settings: Mapping[str, str] = NOTHING,
        *,
        iam: bool = False,
        keep: bool = False,
    ) -> None:
        self.port = port
        self.iam = iam
        self._engine = Engine(root)
        self._settings = settings
        self._keep = keep
        self._clients: dict[str, Any] = {}

    def up(
        self, assembly: Path, substitute: Mapping[str, Path] = NOTHING, progress: Progress = silently
    ) -> list[Difference]:
        """Start afresh and deploy. `substitute`: asset hash, display name or path -> what to deploy in its place."""
        self.start(progress)
        return self.deploy(assembly, substitute, progress)

    def start(self, progress: Progress = silently) -> None:
        """Start the engine afresh, with nothing in it."""
        self._engine.check(self.port)
        if self._engine.running():
            progress("stopping the sandbox that runs, to begin afresh")
        progress(f"starting the engine on port {self.port}")
        self._engine.start(self.port, settings=self._settings, iam=self.iam, keep=self._keep)
        self.differences_file.unlink(missing_ok=True)

    def deploy(
        self, assembly: Path, substitute: Mapping[str, Path] = NOTHING, progress: Progress = silently
    ) -> list[Difference]:
        """Deploy into the engine that runs, and read back; nothing keeps running when it fails."""
        whole = False
        try:
            deploy(assembly, self.client, substitute, progress)
            progress("reading back what was deployed")
            found = readback(self.client, Host(*self._host, len(substitute), self.iam))
            self.differences_file.write_text(json.dumps([asdict(difference) for difference in found], indent=1))
            whole = True
        except DeployError as error:
            raise DeployError(f"{error}\nThe engine's log: {self._engine.log}") from error
        finally:
            if not whole:  # half a suite would only mislead, also after Ctrl-C
                self._engine.stop()
        return found

    def check(self) -> None:
        """Raise SandboxError if it could not start, such as for a busy port, before time is spent on it."""
        self._engine.check(self.port)

    def restart(self) -> None:
        """Stop the engine in the middle of whatever it does, and start it again on what it kept."""
        self._engine.restart()

    def workers(self) -> list[Member]:
        """The processes that run functions now."""
        return self._engine.workers()

    def down(self) -> bool:
        """Stop everything; true if something was running."""
        self.differences_file.unlink(missing_ok=True)
        return self._engine.stop()

    def status(self) -> Status:
        found = self._engine.running()
        if found is None:
            return Status(running=False)
        self.port = found.port
        stacks = tuple(stack["StackName"] for stack in self.client("cloudformation").describe_stacks()["Stacks"])
        return Status(True, found.pid, found.port, found.memory_mb, stacks, found.iam)

    def differences(self) -> list[Difference]:
        """Those the last `up` found."""
        path = self.differences_file
        return [Difference(**found) for found in json.loads(path.read_text())] if path.exists() else []

    def client(self, service: str, **config: Any) -> Any:
        """A boto3 client for the sandbox; `config` as botocore's Config takes it. Plain ones are kept and shared."""
        if config:
            return self._new_client(service, config)
        if service not in self._clients:
            self._clients[service] = self._new_client(service, {})
        return self._clients[service]

    def client_at(self, service: str, address: str) -> Any:
        """A client that reaches the sandbox by another address, such as a proxy's."""
        return self._new_client(service, {}, address)

    @property
    def differences_file(self) -> Path:
        return self._engine.folder / "differences.json"

    @cached_property
    def _host(self) -> tuple[str, str]:
        """The runtime and architecture that functions really get, in Lambda's words."""
        say = "import sys; print('python%d.%d' % sys.version_info[:2])"
        runtime = subprocess.run([self._engine.python, "-c", say], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter  # nosec B603
        machine = platform.machine()
        return runtime.stdout.strip(), ARCHITECTURES.get(machine, machine)

    @cached_property
    def _session(self) -> Any:
        """A session of its own: sessions are no place for two threads, and two sandboxes may be used at once."""
        return boto3.Session()

    def _new_client(self, service: str, config: Mapping[str, Any], address: str = "") -> Any:
        return self._session.client(
            service,
            endpoint_url=address or f"http://{HOST}:{self.port}",
            region_name=REGION,
            aws_access_key_id="test",  # the engine's own name for the account's root
            aws_secret_access_key="test",  # noqa: S106 - the engine's own, of a port of this machine  # nosec B106
            config=Config(**{"s3": {"addressing_style": "path"}, "retries": {"total_max_attempts": 1}, **config}),
        )
