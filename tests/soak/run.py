"""One soak: deploy, send, disturb, wait until everything is at rest, and look at what came of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cli.account import Account
from cli.audit import Checked, check
from cli.incidents import every
from cli.sandbox import Sandbox
from cli.stack import ACCOUNT, REGION
from edsr.ports import utc_now
from infra.app import build
from infra.bundles import host_layers
from tests.estate import ROOT
from tests.sandbox.conftest import free_port
from tests.sandbox.estate import rooted
from tests.soak import disturbance, documents, estate, evidence, standing
from tests.soak.checking import violations
from tests.soak.findings import Episode, episodes, shuffled
from tests.soak.report import Moment, Result
from tests.soak.sending import Sender
from tests.soak.standing import Standing

EVERY = 3.0
"""Seconds between two looks at where things stand."""

STILL = 4
"""Looks in a row that have to find everything at rest; an event that is retried shows nowhere meanwhile."""

EXPORT_SECONDS = 60

Tell = Callable[[str], None]
Progress = Callable[[Moment, Standing], None]


class Asked(NamedTuple):
    """How much of everything; `limit` is how many seconds it may take until all is at rest."""

    findings: int = 1000
    subjects: int = 200
    copies: int = 3
    parallel: int = 16
    kills: int = 60
    restarts: int = 2
    seed: int = 1
    limit: float = 900


class Soak:
    """A soak in a sandbox of its own."""

    def __init__(self, asked: Asked, home: Path, progress: Progress) -> None:
        self._asked, self._home, self._progress = asked, home, progress
        self._witness = home / "witness.jsonl"
        self._subjects = documents.subjects(asked.subjects)
        settings = {**documents.ENGINE, "EDSR_SANDBOX_WITNESS": str(self._witness)}
        self._sandbox = Sandbox(home, free_port(), settings, keep=True)
        self._account = Account("soak", self._sandbox.client, is_sandbox=True)
        self._restarts = 0

    def run(self, tell: Tell) -> Result:
        """All of it; the sandbox is gone afterwards, however it ends."""
        try:
            self._deploy(tell)
            tell(f"making {len(self._subjects)} aliases with their alarms")
            made = estate.make(self._account, self._subjects)
            return self._fire(made, tell)
        finally:
            self._sandbox.down()

    def _deploy(self, tell: Tell) -> None:
        tell("synthesizing the stacks")
        folder = documents.write_documents(self._home / "policies", self._subjects)
        assembly = build(self._home / "cdk.out", documents.ENVIRONMENT, ACCOUNT, REGION, folder, documents.GIVEN)
        self._sandbox.up(assembly, host_layers(), tell)
        sqs = self._account.client("sqs")
        url = sqs.get_queue_url(QueueName=standing.FINDINGS)["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(documents.HIDDEN_SECONDS)})

    def _fire(self, made: dict[str, str], tell: Tell) -> Result:
        asked = self._asked
        found = episodes(self._subjects, asked.findings, utc_now())
        began = time.monotonic()
        with self._disturbed(found) as (sender, killer):
            open_ones = self._until_rest(sender, killer, tell)
        seconds = time.monotonic() - began
        tell("at rest: reading the tables, the export and what the witness saw")
        all_of_it = self._evidence(found, made)
        states = [incident.state.value for incident in all_of_it.incidents]
        return Result(
            seed=asked.seed,
            findings=asked.findings,
            copies=asked.copies,
            subjects=asked.subjects,
            sent=sender.sent,
            sent_again=sender.again,
            unanswered=sender.unanswered,
            incidents=len(states),
            by_state={state: states.count(state) for state in sorted(set(states))},
            effects=len(all_of_it.calls),
            kills=dict(killer.killed),
            restarts=self._restarts,
            seconds=round(seconds, 1),
            findings_per_second=round(asked.findings / seconds, 1),
            records=all_of_it.audit.records,
            exported=all_of_it.audit.exported,
            violations=open_ones + violations(all_of_it),
        )

    @contextmanager
    def _disturbed(self, found: list[Episode]) -> Iterator[tuple[Sender, disturbance.Killer]]:
        asked = self._asked
        copies = shuffled(found, asked.copies, asked.seed)
        with (
            Sender(self._account, copies, asked.parallel) as sender,
            disturbance.Killer(
                self._sandbox, lambda: sender.sent, disturbance.due(len(copies), asked.kills), asked.seed
            ) as killer,
        ):
            yield sender, killer

    def _until_rest(self, sender: Sender, killer: disturbance.Killer, tell: Tell) -> list[str]:
        """Wait until nothing moves any more; what is still open at the limit is a violation."""
        due = disturbance.due(self._asked.findings * self._asked.copies, self._asked.restarts)
        began, still = time.monotonic(), 0
        while still < STILL:
            time.sleep(EVERY)
            if due and sender.sent >= due[0]:
                due.pop(0)
                tell("restarting the engine")
                with killer.held():
                    self._restart(sender)
            seen = standing.look(self._account)
            seconds = time.monotonic() - began
            acted = len(evidence.witnessed(self._witness, evidence.arns(self._subjects)))
            self._progress(Moment(seconds, sender.sent, acted, killer.killed.total(), self._restarts), seen)
            still = still + 1 if sender.idle and seen.at_rest and not due else 0
            if seconds > self._asked.limit:
                return [f"not at rest after {seconds:.0f} s: {said}" for said in standing.open_ones(self._account)]
        return []

    def _restart(self, sender: Sender) -> None:
        self._sandbox.restart()
        self._restarts += 1
        sender.send_lost({incident.id for incident in every(self._account)})

    def _evidence(self, found: list[Episode], made: dict[str, str]) -> evidence.Evidence:
        return evidence.Evidence(
            episodes=frozenset(episode.key for episode in found),
            audit=self._exported(),
            incidents=evidence.incidents(self._account),
            chains=evidence.chains(self._account),
            calls=evidence.witnessed(self._witness, evidence.arns(self._subjects)),
            made=made,
            found=estate.revisions(self._account, self._subjects),
            executions=evidence.executions(self._account),
            left=standing.depths(self._account),
        )

    def _exported(self) -> Checked:
        """The audit's check, once the stream has carried the last record into the export."""
        until = time.monotonic() + EXPORT_SECONDS
        while (checked := check(self._account)).exported < checked.records and time.monotonic() < until:
            time.sleep(1)
        return checked


def prepared(folder: Path) -> Path:
    """An empty home for a soak's sandbox, which borrows the engine's environment of the repository."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder if (folder / ".venv-engine").exists() else rooted(folder, ROOT)
