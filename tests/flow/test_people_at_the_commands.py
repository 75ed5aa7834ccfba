"""People at the commands, in the sandbox: asked, they look and answer; they stop automation and let it go on."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli import send
from cli.account import Account
from cli.estate import Estate
from edsr.protocol import keys
from infra.catalogue import discover
from tests import estate as events
from tests.flow.deployed import ASKS, edsr, ended, until

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.usefixtures("sandbox"),
]

LATCH = "action:shift-alias:000000000000"


def asked(account: Account, home: Path, service: str) -> tuple[Estate, dict[str, Any]]:
    """A bad release of a service, and what a person is asked about it."""
    estate = Estate(account.client, service)
    estate.alarm_name = f"{ASKS}-{service}-errors"
    estate.make()
    estate.release()
    account.client("cloudwatch").set_alarm_state(AlarmName=estate.alarm_name, StateValue="OK", StateReason="test")
    event = send.as_of_now(events.event("cloudwatch/canary-alarm"))
    said = json.loads(json.dumps(event).replace("canary-checkout", f"{ASKS}-{service}").replace("checkout", service))
    send.send(account, said)
    return estate, until(lambda: waiting(home, service))


def waiting(home: Path, service: str) -> dict[str, Any] | None:
    """What the command lists of a service."""
    found = json.loads(edsr(home, "approvals", "list", "--json").stdout)
    return next((one for one in found if one["service"] == service), None)


@pytest.fixture(scope="module")
def agreed(account: Account, home: Path) -> tuple[str, Estate]:
    """A release about which a person was asked, who looked and agreed."""
    estate, found = asked(account, home, "tills")
    shown = edsr(home, "approvals", "show", found["id"])
    assert shown.returncode == 0, shown.stderr
    assert "version 2 -> 1" in shown.stdout
    assert f"edsr approvals approve {found['id']} --plan {found['digest'][:12]}" in shown.stdout
    assert estate.version() == "2", "nothing is done before somebody agrees"
    other = edsr(home, "approvals", "approve", found["id"], "--plan", "0" * 12)
    assert (other.returncode, "look at it with `edsr approvals show`" in other.stderr) == (1, True)
    said = edsr(home, "approvals", "approve", found["id"], "--plan", found["digest"][:12], "--as", "ann")
    assert (said.returncode, f"{found['id']} is APPROVED" in said.stdout) == (0, True), said.stderr
    return found["id"], estate


def test_what_a_person_agreed_to_through_the_command_is_done_in_their_name(
    account: Account, agreed: tuple[str, Estate]
) -> None:
    incident, estate = agreed
    told = ended(account, "tills")
    assert (told.incident.id, told.incident.state, estate.version()) == (incident, "RESOLVED", "1")
    (answer,) = [record for record in told.records if record.body.get("answer") == "approved"]
    assert answer.body["caller"] == "arn:aws:iam::000000000000:user/sandbox/ann"


def test_stopped_in_the_middle_nothing_that_was_agreed_to_is_done(account: Account, home: Path) -> None:
    estate, found = asked(account, home, "quotes")
    off = edsr(home, "switch", "off", "service:quotes", "--reason", "it flaps", "--until", "2h", "--as", "ann")
    assert off.returncode == 0, off.stderr
    status = json.loads(edsr(home, "switch", "status", "--json").stdout)
    assert status["engaged"]["service:quotes"]["by"].endswith("/ann")
    said = edsr(home, "approvals", "approve", found["id"], "--plan", found["digest"], "--as", "bob")
    assert said.returncode == 0, said.stderr
    told = ended(account, "quotes")
    assert (told.incident.state, estate.version()) == ("ABORTED", "2")
    assert "kill switch is engaged (service:quotes)" in told.records[-1].body["reason"]
    assert edsr(home, "switch", "on", "service:quotes", "--reason", "mended").returncode == 0


def test_all_is_let_go_on_by_two_people_and_not_by_one_twice(home: Path) -> None:
    assert edsr(home, "switch", "off", "all", "--reason", "a drill", "--undo", "--as", "ann").returncode == 0
    first = edsr(home, "switch", "on", "all", "--reason", "the drill is over", "--as", "ann")
    assert (first.returncode, "it takes a second person" in first.stdout) == (0, True)
    again = edsr(home, "switch", "on", "all", "--reason", "the drill is over", "--as", "ann")
    assert (again.returncode, "a second person has to" in again.stderr) == (1, True)
    assert "one more than" in edsr(home, "switch", "status").stdout
    assert edsr(home, "switch", "on", "all", "--reason", "it is over", "--as", "bob").returncode == 0
    assert "everything is on" in edsr(home, "switch", "status").stdout


def test_a_scope_that_does_not_exist_is_told_with_what_was_meant(home: Path) -> None:
    said = edsr(home, "switch", "off", "service:chekout", "--reason", "it flaps")
    assert (said.returncode, "did you mean service:checkout?" in said.stderr) == (1, True), said.stderr
    usage = edsr(home, "switch", "off", "service:checkout", "--reason", "it flaps", "--until", "soon")
    assert (usage.returncode, "write 30m, 2h" in usage.stderr) == (2, True)


def test_a_latch_is_listed_and_released_once(account: Account, home: Path) -> None:
    key = keys.latch("shift-alias", "000000000000")
    item = {"pk": {"S": key.pk}, "sk": {"S": str(key.sk)}, "state": {"S": "open"}, "incident": {"S": "i-1"}}
    account.client("dynamodb").put_item(TableName="edsr-state", Item=item)
    assert LATCH in edsr(home, "latches", "list").stdout
    assert edsr(home, "latches", "release", LATCH, "--reason", "the role was mended").returncode == 0
    again = edsr(home, "latches", "release", LATCH, "--reason", "the role was mended")
    assert (again.returncode, "nothing is latched" in again.stderr) == (1, True)
    assert "nothing is latched" in edsr(home, "latches", "list").stdout


@pytest.mark.soak
def test_the_second_path_takes_every_hand_away_and_gives_it_back(account: Account) -> None:
    """What docs/operating.md says to do when the switch itself is down."""
    functions = account.client("lambda")
    names = [found["FunctionName"] for found in functions.list_functions()["Functions"]]
    hands = [name for name in names if name.startswith("edsr-act-")]
    assert hands == [entry.name for entry in discover().family("act")]
    for hand in hands:
        functions.put_function_concurrency(FunctionName=hand, ReservedConcurrentExecutions=0)
        with pytest.raises(functions.exceptions.TooManyRequestsException):
            functions.invoke(FunctionName=hand, Payload=b"{}")
        functions.delete_function_concurrency(FunctionName=hand)
        assert functions.invoke(FunctionName=hand, Payload=b"{}")["StatusCode"] == 200


def test_every_switch_and_answer_is_in_the_audit_which_is_intact(home: Path, agreed: tuple[str, Estate]) -> None:
    del agreed
    said = edsr(home, "audit", "verify", "--json")
    assert json.loads(said.stdout)["intact"], said.stdout
