"""verify's function: look at a step's probe, and judge."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from edsr.declare import Function
from edsr.model import Judged, Status, Verdict, Verify
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Verify as Settings
from edsr.times import parse
from verify.seen import Seen


def run(event: Event, runtime: Runtime[Settings]) -> dict[str, Any]:
    """`{step: {n, direction, verify}, outcome: {status, at, stands}}` gives the verdict, and what the machine counts.

    `worse`, `failed` and `refused` hold 0 and, where it is so, the step's number: what the machine can count over many
    steps is how many different numbers there are, and it cannot count none.
    """
    step, outcome = event["step"], event["outcome"]
    how = Verify.model_validate(step["verify"])
    since, now = parse(outcome["at"]), runtime.clock()
    probe = import_module(f"verify.probes.{how.probe.replace('-', '_')}")
    judged = judge(probe.look(runtime.clients, how.args, since=since, now=now), how, since=since, now=now)
    verdict = Verdict(step=step["n"], judged=judged.judged, observed=judged.observed, at=now)
    if judged.judged is not Judged.PENDING:
        runtime.log.info(
            "judged", extra={"step": step["n"], "judged": judged.judged.value, "observed": judged.observed}
        )
        runtime.count("Verdicts", probe=how.probe, judged=judged.judged.value)
    return {
        **verdict.model_dump(mode="json"),
        "status": Status(outcome["status"]).value,
        "direction": step["direction"],
        "stands": outcome.get("stands"),
        "worse": [0, step["n"]] if judged.judged is Judged.WORSE else [0],
        "failed": [0] if judged.judged is Judged.BETTER else [0, step["n"]],
        "refused": [0],
    }


def judge(seen: Seen, how: Verify, *, since: datetime, now: datetime) -> Seen:
    """Better counts at once. Anything else has until the end of the window to change; then worse is worse, and
    what is still pending is unknown."""
    if seen.judged is Judged.BETTER:
        return seen
    if now < since + timedelta(seconds=how.within):
        return Seen(Judged.PENDING, seen.observed)
    return Seen(Judged.UNKNOWN if seen.judged is Judged.PENDING else seen.judged, seen.observed)


handler = Handler(run, Function(settings=Settings, permissions=(), sdk=True))
