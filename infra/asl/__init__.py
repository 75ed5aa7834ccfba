"""Our lint of a state machine: the reliability faults that no stock linter finds, rules A1 to A16.

A machine is Amazon States Language in JSONPath; what a task invokes is known by the reference it names it with.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.asl import documents, flow, tasks
from infra.asl.machine import Fault, Functions, Machine

__all__ = ["RULES", "Fault", "Functions", "lint"]

RULES: dict[str, Callable[[Machine], Iterator[Fault]]] = {
    "A1": tasks.token_waits_end,
    "A2": tasks.tokens_are_sent,
    "A3": flow.hands_escalate,
    "A4": documents.choices_have_a_default,
    "A5": documents.all_comes_alone_and_last,
    "A6": tasks.heartbeats_come_in_time,
    "A7": documents.a_run_ends,
    "A8": tasks.resources_are_known,
    "A9": tasks.tasks_outlast_their_functions,
    "A10": tasks.hands_are_tried_again_rightly,
    "A11": documents.paths_can_be_read,
    "A12": flow.what_was_done_is_judged_and_closed,
    "A13": flow.hands_work_within_a_bound,
    "A14": documents.a_run_is_kept,
    "A15": flow.escalation_fails,
    "A16": documents.errors_exist,
}


def lint(machine: Mapping[str, Any], functions: Functions, kind: str = "STANDARD") -> list[Fault]:
    """Every fault of a machine of this kind (what CloudFormation calls its type), in the order of the rules."""
    read = Machine(machine, functions, kind)
    return [fault for rule in RULES.values() for fault in rule(read)]
