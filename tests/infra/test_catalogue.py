"""What is declared is found; a module that declares nothing, or too much, is named."""

from pathlib import Path

import pytest
from aws_cdk import App, Environment, Stack

from edsr.declare import Function, Permission, PlannedAction
from edsr.settings import Settings
from infra.catalogue import Entry, catalogue, discover, planned
from infra.errors import DeclarationInvalid
from infra.parts.function import environment
from infra.parts.grants import statements
from infra.parts.places import Places


class Odd(Settings):
    moon_phase: str


def entry(*permissions: Permission) -> Entry:
    return Entry("plan.handler", Function(settings=Odd, permissions=permissions), permissions)


@pytest.fixture
def places() -> Places:
    return Places(Stack(App(), "Here", env=Environment(account="000000000000", region="us-east-1")))


def test_functions_are_named_after_their_modules() -> None:
    functions = discover().functions
    assert functions["decide.handler"].name == "edsr-decide"
    assert functions["act.actuators.shift_alias"].name == "edsr-act-shift-alias"
    assert functions["detect.detectors.cloudwatch"].name == "edsr-detect-cloudwatch"


def test_readers_and_probes_lend_their_permissions_to_plan_and_verify() -> None:
    found = discover()
    for reader in found.readers.values():
        assert set(reader.permissions) <= set(found.functions["plan.handler"].permissions)
    for probe in found.probes.values():
        assert set(probe.permissions) <= set(found.functions["verify.handler"].permissions)


def test_the_catalogue_names_the_function_of_each_action_and_the_shape_of_its_arguments() -> None:
    action = catalogue().actions["shift-alias"]
    assert action.function == "edsr-act-shift-alias"
    assert action.arguments["type"] == "object"
    assert "alarm-is-ok" in catalogue().probes


def test_a_module_without_its_declaration_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "silent").mkdir()
    (tmp_path / "silent" / "handler.py").write_text("", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DeclarationInvalid, match=r"functions/silent/handler\.py: needs `handler`, a edsr"):
        discover(tmp_path)


def test_what_is_planned_stands_apart_from_what_can_be_done() -> None:
    said = catalogue()
    assert said.planned_actions["roll-workload-back"].resource == "eks:workload"
    assert not set(said.planned_actions) & set(said.actions)
    assert not set(said.planned_probes) & set(said.probes)


def test_what_is_planned_and_built_as_well_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "foretold").mkdir()
    text = "from act.planned import PLANNED as ONCE\nPLANNED = ONCE + ONCE[:1]\n"
    (tmp_path / "foretold" / "planned.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        DeclarationInvalid, match=r"'roll-workload-back' is no PlannedAction, or there twice, or built already"
    ):
        planned(tmp_path, "foretold/planned.py", PlannedAction, set())


def test_a_stage_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeclarationInvalid, match=r"functions/plan/handler\.py: there is no such file"):
        discover(tmp_path).stage("plan")


def test_a_setting_that_nobody_knows_is_named() -> None:
    with pytest.raises(DeclarationInvalid, match="nobody knows the setting moon_phase of Odd; known are bus"):
        environment(entry(), {"bus": "edsr"})


@pytest.mark.parametrize(
    ("permission", "message"),
    [
        (Permission(actions=("ec2:DescribeInstances",), on="*"), r"on \* needs a reason"),
        (Permission(actions=("ec2:*",), on="*", reason="why not"), "'ec2:\\*' is not one action"),
        (Permission(actions=("sqs:SendMessage",), on="some-queue"), "there is no 'some-queue'; there are state-table"),
    ],
)
def test_a_permission_that_is_too_wide_or_unknown_is_refused(
    places: Places, permission: Permission, message: str
) -> None:
    with pytest.raises(DeclarationInvalid, match=message):
        statements(entry(permission), places, [])


def test_a_kind_without_resources_grants_nothing(places: Places) -> None:
    (denial,) = statements(entry(Permission(actions=("lambda:GetAlias",), on="catalogue:lambda:alias")), places, [])
    assert denial.sid == "AuditIsAppendOnly"
