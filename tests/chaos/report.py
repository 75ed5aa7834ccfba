"""The deep run's report: every scenario in its deep bound and every mutant, each in a process of its own."""

import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any

from tests.chaos import search
from tests.chaos.mutants import MUTANTS
from tests.chaos.scenario import Suite
from tests.chaos.scenarios import BY_NAME
from tests.chaos.trials import LIMIT, tried


def explored(name: str, limit: int) -> dict[str, Any]:
    """One scenario in its deep bound."""
    os.nice(5)
    began, scenario = time.monotonic(), BY_NAME[name]
    found = search.explore(Suite(scenario), scenario.deep, limit=limit, tell=lambda done: say(f"{name}: {done}"))
    seconds = time.monotonic() - began
    return {
        "name": name,
        "about": scenario.about,
        "bound": [{"preemptions": most, "faults": other} for most, other in scenario.deep],
        "schedules": found.schedules,
        "complete": found.complete,
        "handlers_run": found.ran,
        "seconds": round(seconds, 1),
        "schedules_per_second": round(found.schedules / seconds),
        "violating": found.violating,
        "violations": [
            {"flaw": flaw, "replay": f"python -m tests.chaos --replay {name} {search.spelled(deviations)}"}
            for flaw, deviations in found.violations.values()
        ],
    }


def tried_out(number: str) -> dict[str, Any]:
    """One mutant."""
    os.nice(5)
    trial = tried(next(mutant for mutant in MUTANTS if mutant.number == number), limit=LIMIT)
    return {**trial._asdict(), "as_expected": trial.as_expected}


def report(names: Sequence[str], limit: int, jobs: int) -> dict[str, Any]:
    """Everything, as build/chaos.json says it."""
    began = time.monotonic()
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        scenarios = [pool.submit(explored, name, limit) for name in names]
        mutants = [pool.submit(tried_out, mutant.number) for mutant in MUTANTS]
        for done in as_completed(scenarios + mutants):
            say(_line(done.result()))
        seconds = time.monotonic() - began
        found, table = [each.result() for each in scenarios], [each.result() for each in mutants]
    schedules = sum(each["schedules"] for each in found) + sum(each["schedules"] for each in table)
    return {
        "schedules": schedules,
        "violations": sum(each["violating"] for each in found),
        "schedules_per_second": round(schedules / seconds),
        "seconds": round(seconds),
        "scenarios": found,
        "mutants": {
            "total": len(table),
            "caught": sum(bool(each["by"]) for each in table),
            "hidden": sum(bool(each["harmless"]) for each in table),
            "table": table,
        },
    }


def _line(said: dict[str, Any]) -> str:
    if "number" in said:
        caught = f"caught by {said['by']} in {said['scenario']} {said['schedule']}" if said["by"] else "not caught"
        return f"mutant {said['number']}: {caught} after {said['schedules']}; {said['harmless']}"
    done = "complete" if said["complete"] else "not complete"
    speed = said["schedules_per_second"]
    return f"{said['name']}: {said['schedules']} schedules, {done}, {said['violating']} violating, {speed}/s"


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - a command's progress
