"""Permissions in the sandbox: what a deployed role lacks is denied for real, and what nobody may do nobody can."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli import send
from cli.account import Account
from cli.estate import Estate
from cli.incidents import Told
from cli.sandbox import Sandbox
from edsr.model import Kind
from edsr.ports import utc_now
from edsr.protocol import keys
from edsr.protocol.controls import release_latch
from infra.catalogue import discover
from tests import estate as events
from tests.flow.deployed import about, ended
from tests.sandbox import guards
from tests.sandbox.estate import Estate as Engine

pytestmark = pytest.mark.sandbox

ENTRIES = {entry.name: entry for entry in discover().functions.values()}
FUNCTIONS = sorted(ENTRIES)
SENDERS = {name for name, entry in ENTRIES.items() if "findings-queue" in {each.on for each in entry.permissions}}
TRUST = guards.document({"Action": "sts:AssumeRole", "Principal": {"AWS": guards.ACCOUNT}})

Acting = Callable[[str, str], Any]
"""`(function, service)`: a client in the name of the function's role."""


@pytest.fixture(scope="module")
def acting(account: Account, sandbox: Sandbox) -> Acting:
    """Roles as they were deployed, but for whom they trust: here the account, there Lambda alone."""

    def client(function: str, service: str) -> Any:
        role = account.client("lambda").get_function_configuration(FunctionName=function)["Role"]
        account.client("iam").update_assume_role_policy(RoleName=role.rsplit("/", 1)[1], PolicyDocument=TRUST)
        return guards.acting(Engine(sandbox.port), role, service)

    return client


def refusal(ask: Callable[..., Any], **said: Any) -> str:
    """Why a call is denied; empty when it is not."""
    try:
        ask(**said)
    except ClientError as error:
        return str(error)
    return ""


@contextmanager
def without(account: Account, action: str, role_arn: str) -> Iterator[None]:
    """A deployed role loses an action, in every policy that is its own, until the end."""
    iam, role = account.client("iam"), role_arn.rsplit("/", 1)[1]
    policies = iam.list_role_policies(RoleName=role)["PolicyNames"]
    before = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in policies}
    for name, document in before.items():
        left = json.dumps(document).replace(f'"{action}"', '"none:Nothing"')
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=left)
    yield
    for name, document in before.items():
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def told_of(account: Account, service: str) -> Told:
    """What comes of a bad release of a service, and of its alarm."""
    estate = Estate(account.client, service)
    estate.make()
    estate.release()
    send.send(account, about(service, send.as_of_now(events.event("cloudwatch/canary-alarm"))))
    told = ended(account, service)
    assert told.incident.state == "ESCALATED"
    assert estate.version() == "2", "nobody moved the alias"
    return told


def test_the_sandbox_says_that_it_enforces(sandbox: Sandbox) -> None:
    assert sandbox.status().iam
    (policies,) = [found for found in sandbox.differences() if found.property == "policies"]
    assert policies.why.startswith("what services do of themselves")


def test_a_hand_without_its_permission_changes_nothing_and_is_latched_until_a_person_has_seen_to_it(
    account: Account,
) -> None:
    hand = account.client("lambda").get_function_configuration(FunctionName="edsr-act-shift-alias")["Role"]
    with without(account, "lambda:UpdateAlias", hand):
        told = told_of(account, "stock")
    (outcome,) = [record for record in told.records if record.kind is Kind.OUTCOME]
    assert outcome.body["status"] == "DENIED"
    assert "not authorized to perform: lambda:UpdateAlias" in told.records[-1].body["reason"]
    latch = keys.latch("shift-alias", told.incident.brief.account)
    assert account.store.read([latch])[latch]["state"] == "open"
    release_latch(account.store, latch, by="ann", reason="it has its permission back", clock=utc_now)


def test_a_machine_that_may_not_call_the_hand_ends_with_a_person_told(account: Account) -> None:
    machines = account.client("stepfunctions")
    arn = machines.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    role = machines.describe_state_machine(stateMachineArn=arn)["roleArn"]
    hand = account.client("lambda").get_function_configuration(FunctionName="edsr-act-shift-alias")["FunctionArn"]
    with without(account, hand, role):
        told = told_of(account, "prices")
    assert Kind.INTENT not in {record.kind for record in told.records}
    assert "not authorized to perform: lambda:InvokeFunction" in told.records[-1].body["reason"]


def test_nobody_sends_findings_but_who_declares_it(account: Account, sandbox: Sandbox, acting: Acting) -> None:
    stranger = guards.a_role(Engine(sandbox.port), "stranger", guards.ANYTHING)
    clients = {name: acting(name, "sqs") for name in FUNCTIONS}
    clients |= {"stranger": guards.acting(Engine(sandbox.port), stranger, "sqs"), "root": account.client("sqs")}
    url = account.client("sqs").get_queue_url(QueueName="edsr-findings")["QueueUrl"]
    sent = {who: refusal(client.send_message, QueueUrl=url, MessageBody="{}") for who, client in clients.items()}
    assert {who for who, why in sent.items() if not why} == SENDERS
    assert {who for who, why in sent.items() if "AccessDenied" in why} == clients.keys() - SENDERS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_role_changes_or_removes_a_row_of_the_audit(function: str, acting: Acting) -> None:
    table, row = acting(function, "dynamodb"), {"TableName": "edsr-audit", "Key": {"pk": {"S": "x"}, "seq": {"N": "1"}}}
    assert "explicit deny" in refusal(table.delete_item, **row)
    assert "explicit deny" in refusal(table.update_item, **row, UpdateExpression="REMOVE body")
