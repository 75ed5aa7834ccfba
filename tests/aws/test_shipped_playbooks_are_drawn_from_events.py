"""From an event to a plan, with the shipped policy, playbook and catalogue: every target, argument and probe."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from edsr.errors import Refused
from edsr.model import Finding, Step
from edsr.policy import Library
from plan.draw import World, draw
from tests import estate, policies
from tests.aws.hands import WORLDS
from tests.aws.isolation import BALANCER, LEFT, MACHINE, ROLE, USER
from tests.aws.isolation_stand_ins import CLOSED
from tests.aws.release import BLUE, ENVIRONMENT, GREEN, GROUP, RULE
from tests.things import AT, an_incident

pytestmark = pytest.mark.usefixtures("aws")


class Case(NamedTuple):
    """A policy, an event that it answers, the worlds in which it comes, and the steps: action, target, arguments."""

    policy: str
    event: str
    worlds: tuple[str, ...]
    steps: list[tuple[str, str, dict[str, Any]]]


CASES = [
    Case(
        "target-group-errors",
        "edge/balancer-errors-alarm",
        ("shift-target-weights",),
        [("shift-target-weights", RULE, {"weights": {BLUE: 100, GREEN: 0}})],
    ),
    Case(
        "deployment-alarm",
        "cloudwatch/deployment-alarm",
        ("stop-deployment",),
        [("stop-deployment", GROUP, {"deployment": "d-NEW000002"})],
    ),
    Case(
        "configuration-alarm",
        "cloudwatch/configuration-alarm",
        ("stop-configuration",),
        [("stop-configuration", ENVIRONMENT, {"deployment": 7})],
    ),
    Case(
        "stolen-user-key",
        "security/user-key-is-stolen",
        ("deactivate-key",),
        [("deactivate-key", USER, {"key": "AKIAEXAMPLE000000000"}), ("deny-principal", USER, {})],
    ),
    Case(
        "stolen-session",
        "security/session-is-stolen",
        ("revoke-sessions",),
        [("revoke-sessions", ROLE, {"before": "2026-03-02T03:05:00.000Z"})],
    ),
    Case(
        "compromised-instance",
        "security/instance-mines",
        ("keep-evidence", "replace-instance"),
        [
            ("keep-evidence", MACHINE, {"case": "the finding's id"}),
            ("replace-instance", MACHINE, {}),
            ("quarantine-instance", MACHINE, {"group": CLOSED}),
        ],
    ),
    Case("instance-retirement", "health/retirement", ("replace-instance",), [("replace-instance", MACHINE, {})]),
    Case("zone-impaired", "cloudwatch/zone-alarm", ("shift-zone",), [("shift-zone", BALANCER, {"zone": "use1-az1"})]),
]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """The shipped documents."""
    return policies.library(tmp_path / "policies")


@contextmanager
def standing(*worlds: str) -> Iterator[None]:
    """These worlds."""
    with ExitStack() as stack:
        for name in worlds:
            stack.enter_context(WORLDS[name]().answers)
        yield


def found(library: Library, case: Case) -> Finding:
    """What the policy's detector makes of the event, in the account that the catalogue is filled for."""
    policy = library.policy(case.policy)
    event = json.loads(json.dumps(estate.event(case.event)).replace("0" * 12, estate.ACCOUNT))
    said = import_module(f"detect.detectors.{policy.detect.source}").detect(event, policy, AT)
    assert isinstance(said, Finding)
    return said


def drawn(library: Library, case: Case) -> list[Step]:
    policy = library.policy(case.policy)
    playbook = library.playbook(policy.respond.playbook)
    incident = an_incident(finding=found(library, case), policy=policy, playbook=playbook)

    def observe(reader: str, target: str) -> dict[str, Any]:
        state: dict[str, Any] = import_module(f"edsr.aws.readers.{reader}").observe(estate.client, target).state
        return state

    world = World(library.catalogue(), library.managed_by, library.fleet, observe, library.protected)
    return [step for stage in draw(incident, world).stages for step in stage.steps]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.policy)
def test_an_event_leads_to_its_steps(case: Case, library: Library) -> None:
    finding = found(library, case)
    wanted = [(name, arn, args | ({"case": finding.id} if "case" in args else {})) for name, arn, args in case.steps]
    with standing(*case.worlds):
        steps = drawn(library, case)
    assert [(step.action, step.target, step.args) for step in steps] == wanted


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.policy)
def test_what_its_steps_and_probes_are_told_they_take(case: Case, library: Library) -> None:
    with standing(*case.worlds):
        for step in drawn(library, case):
            import_module(f"act.actuators.{step.action.replace('-', '_')}").goal(step.args)
            probe = import_module(f"verify.probes.{step.verify.probe.replace('-', '_')}")
            probe.Arguments.model_validate(step.verify.args)


def test_what_is_only_for_a_while_ends_and_what_was_revoked_is_not_let_in_before_its_sessions_end(
    library: Library,
) -> None:
    """A session of a role lives twelve hours at most, and AWS ends a shift of a zone after twenty-four."""
    hours: dict[str, tuple[int, int]] = {}
    for case in CASES:
        with standing(*case.worlds):
            hours |= {one.action: (one.expires // 3600, one.renew) for one in drawn(library, case) if one.expires}
    assert hours == {"deny-principal": (4, 0), "revoke-sessions": (36, 0), "shift-zone": (4, 3)}
    assert hours["revoke-sessions"][0] > 12
    assert hours["shift-zone"][0] * (1 + hours["shift-zone"][1]) < 24


def test_a_session_that_is_revoked_was_issued_before_it_was_seen(library: Library) -> None:
    (case,) = [case for case in CASES if case.policy == "stolen-session"]
    with standing(*case.worlds):
        (step,) = drawn(library, case)
    assert step.verify.args["issued"] < step.args["before"]
    assert step.args["before"] > LEFT


@pytest.mark.parametrize("name", ["break-glass-1", "admins"])
def test_nobody_outside_the_catalogue_and_nobody_protected_is_shut_out(name: str, library: Library) -> None:
    (case,) = [case for case in CASES if case.policy == "stolen-user-key"]
    finding = found(library, case)
    about = finding.subject.model_copy(update={"arn": USER.replace("deploy", name)})
    policy = library.policy(case.policy)
    incident = an_incident(
        finding=finding.model_copy(update={"subject": about}),
        policy=policy,
        playbook=library.playbook(policy.respond.playbook),
    )
    world = World(library.catalogue(), library.managed_by, library.fleet, lambda *_: {}, library.protected)
    with pytest.raises(
        Refused, match="is protected: Who gets in" if "glass" in name else "no service of the catalogue"
    ):
        draw(incident, world)
