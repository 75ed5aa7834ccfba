"""Every function has a role of its own, and the role does what the function declares and nothing else."""

import json

import pytest

from edsr.declare import Permission
from edsr.policy import Library
from edsr.technique.chosen import permissions
from infra import POLICIES
from infra.catalogue import discover
from infra.parts.grants import UNCHANGING
from infra.parts.rules import able, rules_of
from tests.infra.reading import Assembly, Properties, as_list

BY_MAPPING_OR_DESTINATION = {
    "edsr-anchor": {"sqs:SendMessage"},
    "edsr-record-compare": {"sqs:SendMessage"},
    "edsr-decide": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
    "edsr-notify": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
    "edsr-sweep": {"sqs:SendMessage"},
    "edsr-sweep-missed": {"sqs:SendMessage"},
    "edsr-control-rehearse": {"sqs:SendMessage"},
    "edsr-record-digest": {"sqs:SendMessage"},
    "edsr-record": {"dynamodb:ListStreams", "sqs:SendMessage"},
}
OF_EVERY_FUNCTION = {"logs:CreateLogStream", "logs:PutLogEvents"}
USE_OF_THE_KEY = {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"}
ENTRIES = {entry.name: entry for entry in discover().functions.values()}
SHIPPED = rules_of(Library.at(POLICIES).policies())


def may(function: str) -> tuple[Permission, ...]:
    """What a function declares, and a detector besides, for the techniques of the policies whose events it reads."""
    entry = ENTRIES[function]
    source = next((source for source, one in discover().detector_of.items() if one == entry), None)
    return able(entry, [rule for rule in SHIPPED if rule.source == source]).permissions


def role_of(assembly: Assembly, function: str) -> tuple[str, Properties]:
    reference = assembly.compute.one("AWS::Lambda::Function", FunctionName=function)["Role"]
    name = reference.strip("<>").removesuffix(".Arn")
    return name, assembly.compute.of("AWS::IAM::Role")[name]


def allowed(role: Properties) -> list[Properties]:
    return [
        statement
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]


def test_there_is_a_function_for_every_handler_with_a_role_of_its_own(dev: Assembly) -> None:
    functions = dev.compute.of("AWS::Lambda::Function").values()
    assert {function["FunctionName"] for function in functions} == set(ENTRIES)
    assert len({function["Role"] for function in functions}) == len(ENTRIES)


@pytest.mark.parametrize("function", sorted(ENTRIES))
def test_a_role_allows_exactly_what_its_function_declares(dev: Assembly, function: str) -> None:
    _, role = role_of(dev, function)
    granted = {action for statement in allowed(role) for action in as_list(statement["Action"])}
    declared = {action for permission in may(function) for action in permission.actions}
    wired = BY_MAPPING_OR_DESTINATION.get(function, set())
    assert granted - USE_OF_THE_KEY == declared | wired | OF_EVERY_FUNCTION


@pytest.mark.parametrize("function", sorted(ENTRIES))
def test_a_role_reaches_everything_only_with_a_written_reason(dev: Assembly, function: str) -> None:
    _, role = role_of(dev, function)
    everywhere = {
        action for statement in allowed(role) if statement["Resource"] == "*" for action in as_list(statement["Action"])
    }
    explained = {action for said in ENTRIES[function].permissions if said.reason for action in said.actions}
    assert everywhere <= explained | {"dynamodb:ListStreams"}


def test_no_role_changes_or_removes_a_row_of_the_audit(dev: Assembly) -> None:
    for name in ENTRIES:
        _, role = role_of(dev, name)
        statements = role["Policies"][0]["PolicyDocument"]["Statement"]
        (denial,) = [item for item in statements if item["Effect"] == "Deny"]
        assert set(UNCHANGING) == set(denial["Action"])
        assert denial["Resource"].endswith(":table/edsr-audit")


def test_the_key_is_used_through_the_stores_and_no_other_way(dev: Assembly) -> None:
    kms = [item for _, item in dev.compute.statements() if any("kms:" in action for action in as_list(item["Action"]))]
    used = [item for item in kms if as_list(item["Action"]) != ["kms:Sign"]]
    assert used
    assert [item["Resource"] for item in kms if item not in used] == ["<AnchorKeyArn>"]
    for statement in used:
        assert set(as_list(statement["Action"])) <= USE_OF_THE_KEY
        services = statement["Condition"]["StringEquals"]["kms:ViaService"]
        assert set(services) <= {"dynamodb.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"}


def test_every_role_is_on_our_path_and_within_the_boundary(dev: Assembly) -> None:
    boundary = next(
        name for name, item in dev.compute.of("AWS::IAM::ManagedPolicy").items() if "ManagedPolicyName" not in item
    )
    for role in dev.compute.of("AWS::IAM::Role").values():
        assert role["Path"] == "/edsr/"
        assert role["PermissionsBoundary"] == f"<{boundary}>"
        assert "ManagedPolicyArns" not in role


def test_the_boundary_keeps_the_suite_its_roles_and_break_glass_out_of_reach(dev: Assembly) -> None:
    denied = {
        statement["Sid"]: statement
        for _, statement in dev.compute.statements("AWS::IAM::ManagedPolicy")
        if statement["Effect"] == "Deny"
    }
    account = "arn:aws:iam::000000000000"
    assert denied["NoOtherHands"]["Action"] == ["iam:*", "sts:AssumeRole"]
    assert set(denied["NoOtherHands"]["Resource"]) == {
        f"{account}:role/edsr/*",
        f"{account}:policy/edsr/*",
        f"{account}:role/break-glass*",
        f"{account}:user/break-glass*",
    }
    assert {"dynamodb:DeleteTable", "lambda:UpdateFunctionCode", "events:DisableRule"} <= set(
        denied["SuiteStays"]["Action"]
    )
    assert {"s3:DeleteObjectVersion", "kms:ScheduleKeyDeletion"} <= set(denied["EvidenceStays"]["Action"])
    assert set(denied["AuditIsAppendOnly"]["Action"]) == set(UNCHANGING)


def test_the_machine_invokes_exactly_its_own_functions(dev: Assembly) -> None:
    machine = dev.compute.one("AWS::StepFunctions::StateMachine")
    role = dev.compute.of("AWS::IAM::Role")[machine["RoleArn"].strip("<>").removesuffix(".Arn")]
    (statement,) = [item for item in allowed(role) if item["Action"] == "lambda:InvokeFunction"]
    names = dev.compute.named("AWS::Lambda::Function", "FunctionName")
    by_name = {arn.rsplit(":", 1)[-1] for arn in statement["Resource"] if ":function:" in arn}
    invoked = by_name | {names[arn.strip("<>").removesuffix(".Arn")] for arn in statement["Resource"] if "<" in arn}
    acts = {name for name in ENTRIES if name.startswith("edsr-act-")}
    assert invoked == {"edsr-plan", "edsr-approve", "edsr-verify", "edsr-close"} | acts


def test_only_who_takes_answers_and_the_sweep_can_answer_a_task_that_waits(dev: Assembly) -> None:
    machine = dev.compute.one("AWS::StepFunctions::StateMachine")["StateMachineName"]
    answering: dict[str, set[str]] = {"states:SendTaskSuccess": set(), "states:SendTaskFailure": set()}
    for name in ENTRIES:
        _, role = role_of(dev, name)
        for statement in allowed(role):
            for action in answering.keys() & set(as_list(statement["Action"])):
                answering[action].add(name)
                assert statement["Resource"].endswith(f":stateMachine:{machine}")
    assert answering["states:SendTaskSuccess"] == {"edsr-approve-answer", "edsr-sweep"}
    says_no = "of what recovered by itself nobody is asked any more"
    assert answering["states:SendTaskFailure"] == {"edsr-approve-answer", "edsr-sweep", "edsr-decide"}, says_no


def test_who_asks_keeps_the_token_and_cannot_spend_it(dev: Assembly) -> None:
    _, role = role_of(dev, "edsr-approve")
    granted = {action for statement in allowed(role) for action in as_list(statement["Action"])}
    assert not {action for action in granted if action.startswith("states:")}


def test_only_who_detects_by_a_technique_reaches_its_notes_and_no_other_item(dev: Assembly) -> None:
    using = {rule.source for rule in SHIPPED if permissions(rule.policy)}
    assert using
    for source, entry in discover().detector_of.items():
        _, role = role_of(dev, entry.name)
        writing = {"dynamodb:UpdateItem", "dynamodb:PutItem"}
        reaching = [said for said in allowed(role) if writing & set(as_list(said["Action"]))]
        assert bool(reaching) is (source in using)
        own = {key for rule in SHIPPED if rule.source == source for one in permissions(rule.policy) for key in one.keys}
        reached = [said["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for said in reaching]
        assert {key for keys in reached for key in as_list(keys)} == own
        assert own <= {"CNT#*", "ABS#*"}


def test_policies_fit_what_iam_takes(dev: Assembly) -> None:
    for role in dev.compute.of("AWS::IAM::Role").values():
        inline = sum(len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) for policy in role["Policies"])
        assert inline <= 10_240
    for policy in dev.compute.of("AWS::IAM::ManagedPolicy").values():
        assert len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) <= 6_144
