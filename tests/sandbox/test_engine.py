"""The engine starts, says what is wrong when it cannot, and leaves nothing behind."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.sandbox.engine import Engine, Running, SandboxError, group_members
from tests.sandbox.conftest import PROJECT, free_port
from tests.sandbox.estate import Estate, eventually, rooted


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(rooted(tmp_path, PROJECT))
    yield made
    made.stop()


def started(engine: Engine) -> tuple[Running, Estate]:
    port = free_port()
    engine.start(port, settings={"EDSR_SANDBOX_IDLE_SECONDS": "0.5"})
    running = engine.running()
    assert running is not None
    estate = Estate(port)
    estate.function("pid", "import os\ndef handler(event, context): return os.getpid()")
    return running, estate


def test_a_missing_environment_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"make \.venv-engine/ready"):
        Engine(tmp_path).start(1)


def test_a_busy_port_is_named_with_the_option_to_choose_another(engine: Engine) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(SandboxError, match=f"Port {port} .*--port"):
            engine.start(port)


def test_stopping_what_does_not_run_does_nothing(engine: Engine) -> None:
    assert engine.stop() is False


@pytest.mark.sandbox
def test_what_runs_is_not_stopped_for_a_port_that_is_busy(engine: Engine) -> None:
    running, _ = started(engine)
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with pytest.raises(SandboxError):
            engine.start(busy.getsockname()[1])
    assert (still := engine.running()) is not None
    assert still.pid == running.pid


@pytest.mark.sandbox
def test_idle_workers_go_and_stopping_leaves_neither_process_nor_directory(engine: Engine) -> None:
    running, estate = started(engine)
    estate.invoke("pid")
    assert len(group_members(running.pid)) == 2
    assert eventually(lambda: len(group_members(running.pid)) == 1)
    assert running.memory_mb < 400
    estate.invoke("pid")
    assert engine.stop() is True
    assert group_members(running.pid) == []
    assert sorted(path.name for path in engine.folder.iterdir()) == ["engine.log"]


@pytest.mark.sandbox
def test_after_a_kill_its_workers_go_and_it_starts_again(engine: Engine) -> None:
    running, estate = started(engine)
    estate.invoke("pid")
    os.kill(running.pid, signal.SIGKILL)
    assert eventually(lambda: engine.running() is None)
    engine.start(running.port)
    assert group_members(running.pid) == []
    engine.stop()
    assert sorted(path.name for path in engine.folder.iterdir()) == ["engine.log"]


@pytest.mark.sandbox
def test_after_a_restart_it_has_what_it_had_and_nothing_stays_when_it_is_stopped(engine: Engine) -> None:
    port = free_port()
    engine.start(port, keep=True)
    estate = Estate(port)
    estate.function("pid", "import os\ndef handler(event, context): return os.getpid()")
    estate.client("s3").create_bucket(Bucket="kept")
    estate.client("s3").put_object(Bucket="kept", Key="object", Body=b"whole")
    first, worker = engine.running(), estate.invoke("pid")["Payload"]
    assert first is not None
    assert [member.pid for member in engine.workers()] == [worker]
    engine.restart()
    assert (second := engine.running()) is not None
    assert second.port == port
    assert group_members(first.pid) == []
    assert estate.client("s3").get_object(Bucket="kept", Key="object")["Body"].read() == b"whole"
    assert estate.invoke("pid")["Payload"] not in (None, worker)
    engine.stop()
    assert sorted(path.name for path in engine.folder.iterdir()) == ["engine.log"]


@pytest.mark.sandbox
def test_what_was_not_started_to_be_kept_is_not_restarted(engine: Engine) -> None:
    running, _ = started(engine)
    with pytest.raises(SandboxError, match="to keep what is in it"):
        engine.restart()
    assert (still := engine.running()) is not None
    assert still.pid == running.pid
