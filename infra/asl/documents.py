"""Rules about what a machine says, state by state: choices, errors, paths, time, kind."""

from collections.abc import Iterator, Mapping
from typing import Any

from edsr.errors import Denied, Gone, Refused, Transient
from infra.asl import paths
from infra.asl.machine import MACHINE, Fault, Machine, Said, State

ALL = "States.ALL"
OURS = frozenset(error.__name__ for error in (Transient, Refused, Gone, Denied))
AWS = frozenset(
    {
        *(ALL, "States.BranchFailed", "States.DataLimitExceeded", "States.ExceedToleratedFailureThreshold"),
        *("States.HeartbeatTimeout", "States.IntrinsicFailure", "States.ItemReaderFailed", "States.NoChoiceMatched"),
        *("States.ParameterPathFailure", "States.Permissions", "States.ResultPathMatchFailure"),
        *("States.ResultWriterFailed", "States.Runtime", "States.TaskFailed", "States.Timeout"),
        *("Lambda.AWSLambdaException", "Lambda.ClientExecutionTimeoutException", "Lambda.ResourceNotFoundException"),
        *("Lambda.SdkClientException", "Lambda.ServiceException", "Lambda.TooManyRequestsException", "Lambda.Unknown"),
        *("Runtime.ExitError", "Sandbox.Timedout"),
    }
)
"""The errors of Step Functions, and those of Lambda that it passes on."""

TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector")
REFERENCES = ("ResultPath",)
JSONPATH = "JSONPath"


def choices_have_a_default(machine: Machine) -> Iterator[Fault]:
    """A4: a choice knows what to do when nothing matches."""
    for state in machine.of("Choice"):
        if "Default" not in state.said:
            yield Fault("A4", state.name, "nothing is said for when no choice matches", "a Default")


def all_comes_alone_and_last(machine: Machine) -> Iterator[Fault]:
    """A5: what matches everything hides what comes after it, and needs no company."""
    for state in machine.states.values():
        for name in ("Retry", "Catch"):
            entries = [names_of(entry) for entry in state.said_of(name)]
            if any(ALL in names for names in entries[:-1]):
                yield Fault("A5", state.name, f"{ALL} in {name} hides what comes after it", "last of all")
            if any(ALL in names and len(names) > 1 for names in entries):
                yield Fault("A5", state.name, f"{ALL} in {name} does not stand alone", "an entry of its own")


def a_run_ends(machine: Machine) -> Iterator[Fault]:
    """A7: a run ends, whatever happens."""
    said = machine.said.get("TimeoutSeconds")
    if not isinstance(said, int) or said <= 0:
        yield Fault("A7", MACHINE, "a run may last for a year", "a TimeoutSeconds for the whole machine")


def paths_can_be_read(machine: Machine) -> Iterator[Fault]:
    """A11: one query language, which every engine we run on knows, and every path and function in it is one."""
    yield from _language(MACHINE, machine.said)
    for state in machine.states.values():
        yield from _language(state.name, state.said)
        for where, text, reference in _said_paths(state):
            if wrong := paths.wrong_in(text, reference=reference):
                yield Fault("A11", state.name, f"{where}: {wrong}", "a JSONPath, or a call of an intrinsic function")


def a_run_is_kept(machine: Machine) -> Iterator[Fault]:
    """A14: an express run may happen twice, and leaves no history."""
    if machine.kind != "STANDARD":
        yield Fault("A14", MACHINE, f"its type is {machine.kind}", "STANDARD")
    for state in machine.of("Map"):
        config = (state.said.get("ItemProcessor") or {}).get("ProcessorConfig") or {}
        if config.get("ExecutionType", "STANDARD") != "STANDARD":
            yield Fault("A14", state.name, f"its items run as {config['ExecutionType']}", "STANDARD")


def errors_exist(machine: Machine) -> Iterator[Fault]:
    """A16: an error that nobody raises is never met."""
    for state in machine.states.values():
        for entry in (*state.said_of("Retry"), *state.said_of("Catch")):
            for name in names_of(entry):
                if name not in OURS | AWS:
                    yield Fault("A16", state.name, f"nobody raises {name}", f"{', '.join(sorted(OURS))}, or AWS's own")


def names_of(entry: Said) -> list[str]:
    """The errors that a Retry or a Catch is about."""
    return [str(name) for name in entry.get("ErrorEquals") or []]


def _language(where: str, said: Said) -> Iterator[Fault]:
    if said.get("QueryLanguage", JSONPATH) != JSONPATH:
        yield Fault("A11", where, f"QueryLanguage is {said['QueryLanguage']}", JSONPATH)


def _said_paths(state: State) -> Iterator[tuple[str, Any, bool]]:
    """Every path of a state: where it stands, its text, and whether it may only name one place."""
    for name, value in state.said.items():
        if name.endswith("Path") and value is not None:
            yield name, value, name in REFERENCES
        if name in TEMPLATES:
            yield from ((f"{name}.{where}", text, False) for where, text in _template(value))
    for catch in state.said_of("Catch"):
        if catch.get("ResultPath") is not None:
            yield "Catch.ResultPath", catch["ResultPath"], True
    for choice in state.said_of("Choices"):
        yield from ((f"Choices.{where}", text, False) for where, text in _compared(choice))


def _template(said: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(said, Mapping):
        for name, value in said.items():
            if name.endswith(".$"):
                yield name, value
            else:
                yield from _template(value)
    elif isinstance(said, list):
        for value in said:
            yield from _template(value)


def _compared(said: Any) -> Iterator[tuple[str, Any]]:
    """The paths that a choice compares, however deeply And, Or and Not are nested."""
    if isinstance(said, Mapping):
        for name, value in said.items():
            if name == "Variable" or name.endswith("Path"):
                yield name, value
            elif name in ("And", "Or", "Not"):
                yield from _compared(value)
    elif isinstance(said, list):
        for value in said:
            yield from _compared(value)
