"""S3 on DynamoDB: what got worse after our own action is attributed to it once, contained, undone and told."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

import act.actuators.shift_alias as shift
import decide.handler
import plan.handler
import sweep.handler
from act.hands import Hands
from act.step import actuator
from edsr.aws.readers import lambda_alias
from edsr.model import Finding, Kind, State
from edsr.policy import Library
from edsr.postmortem.telling import needed, postmortem
from edsr.protocol import keys
from edsr.protocol.controls import SWITCHES, engaged
from edsr.settings import Decide
from edsr.times import epoch, iso
from tests import estate
from tests.aws.conftest import Workshop, a_result, admitted
from tests.aws.test_the_sweep_leaves_nothing_behind import SETTINGS, Executions
from tests.things import ALIAS, AT, a_finding, a_playbook, a_policy, a_subject

BURNS = "edsr-burn-checkout-availability-fast"
ALARM = f"arn:aws:cloudwatch:{estate.REGION}:{estate.ACCOUNT}:alarm:{BURNS}"
STEP = {"action": "shift-alias", "target.$": "subject.arn", "with": {"to": "1"}}
GOOD, BAD = (0, 0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 100, 200, 200)


@dataclass(eq=False)
class Figures:
    """A CloudWatch in which 200 calls came each minute, from five before AT on, and so many of them failed."""

    bad: tuple[int, ...] = BAD
    asked: list[datetime] = field(default_factory=list)

    def get_metric_data(self, StartTime: datetime, EndTime: datetime, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.asked.append(StartTime)
        minutes = [(AT + timedelta(minutes=n - 5), bad) for n, bad in enumerate(self.bad)]
        within = [(at, bad) for at, bad in minutes if StartTime <= at < EndTime]
        times = [at for at, _ in within]
        total = {"Id": "total", "Timestamps": times, "Values": [200.0 for _ in within]}
        return {"MetricDataResults": [total, {"Id": "part", "Timestamps": times, "Values": [b for _, b in within]}]}


@pytest.fixture
def shop(aws: None, library: Library) -> Workshop:  # noqa: ARG001 - moto has to answer first
    """An incident whose action may be undone, taken at AT and judged better."""
    estate.make_tables()
    known = library.catalogue()
    entry = known.actions["shift-alias"].model_copy(update={"restores": False})
    made = admitted(
        library,
        estate.Clock(AT),
        a_policy(on_failure=["revert", "page"]),
        a_playbook(stages=[{"steps": [STEP]}]),
        known.model_copy(update={"actions": {entry.id: entry}}),
        others={"stepfunctions": Executions(), "cloudwatch": Figures()},
    )
    hands = Hands(lambda_alias.observe, shift.goal, shift.guard, shift.apply)
    made.handler = actuator(shift.ACTION.model_copy(update={"restores": False}), hands)
    made.act()
    return made


def ended(shop: Workshop) -> Workshop:
    shop.end("RESOLVED", [a_result()])
    return shop


def burning(minutes: int = 3, **changes: Any) -> Finding:
    """The objective's alarm went off so long after AT."""
    at = AT + timedelta(minutes=minutes)
    said = {
        "policy": "objective-burning",
        "condition": BURNS,
        "episode": iso(at),
        "observed_at": at,
        "detected_at": at,
        "title": f"{BURNS} is in ALARM",
        "subject": a_subject(arn=ALARM, kind="cloudwatch:alarm", service=None, environment=None, tier=None),
        "evidence": {"alarm": BURNS, "previous": "OK"},
    }
    return a_finding(**said | changes)


def take(shop: Workshop, found: Finding, times: int = 1) -> None:
    """decide takes the finding, so many copies of it."""
    shop.clock.now = max(shop.clock.now, found.detected_at)
    given = Decide(**estate.RATED.model_dump(mode="json"), machine="m", quarantine_queue="q")
    records = [{"messageId": str(n), "body": found.model_dump_json()} for n in range(times)]
    assert shop.call(decide.handler.handler, given, Records=records) == {"batchItemFailures": []}


def row(shop: Workshop, found: Finding, gate: str = "harm") -> dict[str, Any]:
    """What a gate said of a finding."""
    first = shop.store.partition("audit", f"INC#{found.incident_id}")[-1]
    (said,) = [one for one in first["body"]["decision"]["rows"] if one["gate"] == gate]
    return dict(said)


def harms(shop: Workshop) -> list[dict[str, Any]]:
    return [record.body["harm"] for record in shop.records() if "harm" in record.body]


def stopped(shop: Workshop) -> dict[str, Any]:
    return engaged(shop.store.read(SWITCHES))


def test_it_is_attributed_with_breaker_switch_record_and_draft(shop: Workshop) -> None:
    found = burning()
    take(ended(shop), found)
    assert row(shop, found)["reason"].startswith(f"since {shop.incident_id} acted here it is worse: 100.0 %")
    (harm,) = harms(shop)
    assert harm["incident"] == found.incident_id
    assert (harm["scopes"], harm["undo"]) == (["service:checkout"], [1])
    breaker = shop.item(keys.breaker("lambda-canary-rollback", "checkout"))
    assert (breaker["state"], breaker["reopen_at"] > epoch(shop.clock.now)) == ("open", True)
    (said,) = stopped(shop).items()
    assert (said[0], said[1]["by"], said[1]["undo"]) == ("service:checkout", "edsr", True)
    assert shop.controls()[-1].body["incident"] == shop.incident_id
    last = shop.records()[-1]
    assert (last.kind, needed(last)) == (Kind.CLOSE, True)
    assert last.body["runbook"] == "docs/runbooks/lambda-canary-rollback.md"
    assert postmortem(shop.records()).helped.startswith("It hindered: 100.0 % of checkout fail")


def test_what_may_be_undone_is_undone_once_whatever_is_stopped(shop: Workshop) -> None:
    take(ended(shop), burning())
    assert shop.incident.state is State.HOLDING
    (run,) = shop.others["stepfunctions"].started
    assert run["name"] == f"{shop.incident_id}-x1"
    said = shop.call(plan.handler.handler, inc=shop.incident_id, direction="apply")["plan"]
    assert (said["direction"], [step["n"] for stage in said["stages"] for step in stage["steps"]]) == ("revert", [1])
    result = a_result(direction="revert", stands=shop.act(direction="revert")["stands"])
    shop.act(direction="revert")
    assert shop.end("ESCALATED", [result], direction="revert") == "REVERTED"
    assert shop.aliases.version == "2"
    assert [said["FunctionVersion"] for said in shop.aliases.updates] == ["1", "2"]


def test_where_decide_died_the_sweep_undoes_it(shop: Workshop) -> None:
    take(ended(shop), burning())
    executions = shop.others["stepfunctions"]
    executions.statuses = {shop.incident_id: "SUCCEEDED"}
    executions.started.clear()
    shop.clock.tick(seconds=1)
    shop.call(sweep.handler.handler, SETTINGS)
    assert [said["name"] for said in executions.started] == [f"{shop.incident_id}-x1"]


def test_duplicates_change_nothing(shop: Workshop) -> None:
    take(ended(shop), burning(), times=3)
    before = (shop.kinds(), len(shop.controls()), shop.item(keys.breaker("lambda-canary-rollback", "checkout")))
    take(shop, burning())
    take(shop, burning(minutes=4))
    after = (shop.kinds(), len(shop.controls()), shop.item(keys.breaker("lambda-canary-rollback", "checkout")))
    assert before == after
    assert len(harms(shop)) == 1


def test_what_is_not_worse_blames_nobody(shop: Workshop) -> None:
    shop.others["cloudwatch"].bad = GOOD
    found = burning()
    take(ended(shop), found)
    assert row(shop, found) | {"allowed": True, "observed": shop.incident_id} == row(shop, found)
    assert (harms(shop), stopped(shop), shop.incident.state) == ([], {}, State.RESOLVED)


@pytest.mark.parametrize(
    "found",
    [
        burning(minutes=-1),
        burning(minutes=61),
        burning(subject=a_subject(service="orders"), condition="edsr-burn-orders-availability-fast"),
        burning(origin="replay"),
        burning(observed_at=AT + timedelta(minutes=3), detected_at=AT + timedelta(minutes=30)),
        burning(evidence={}),
        burning(subject=a_subject(arn=f"{ALIAS}-other"), condition="basket-latency"),
    ],
    ids=["before", "after the window", "service", "replayed", "too old", "no alarm", "another subject's own alarm"],
)
def test_what_says_nothing_of_our_action_blames_nobody(shop: Workshop, found: Finding) -> None:
    shop.others["cloudwatch"].bad = BAD + (200,) * 70
    take(ended(shop), found)
    assert (harms(shop), stopped(shop)) == ([], {})


def test_what_is_not_known_holds_back_and_is_left_to_a_person(shop: Workshop) -> None:
    shop.others["cloudwatch"].bad = ()
    found = burning(policy="lambda-canary-rollback", subject=a_subject(), condition="checkout-latency")
    take(ended(shop), found)
    said = row(shop, found)
    assert (said["allowed"], said["observed"]) == (False, None)
    assert "nothing was counted" in said["reason"]
    assert harms(shop) == []


def test_while_it_is_under_way_its_own_probes_judge_and_then_it_is_attributed(shop: Workshop) -> None:
    found = burning()
    take(shop, found)
    assert not row(shop, found, "settling")["allowed"]
    assert harms(shop) == []
    ended(shop)
    take(shop, found)
    assert len(harms(shop)) == 1


def test_within_the_first_minute_it_waits(shop: Workshop) -> None:
    found = burning(minutes=0)
    take(ended(shop), found)
    assert "no whole minute" in row(shop, found, "settling")["reason"]
    shop.clock.tick(minutes=3)
    take(shop, found)
    assert len(harms(shop)) == 1


def test_a_policy_that_does_harm_on_two_services_is_stopped_everywhere(shop: Workshop) -> None:
    places = {"lambda-canary-rollback#orders": epoch(AT)}
    shop.put(keys.REGRESSIONS, seen={"lambda-canary-rollback": epoch(AT)}, places=places, ver=1)
    take(ended(shop), burning())
    assert list(stopped(shop)) == ["policy:lambda-canary-rollback"]


def test_when_two_policies_do_harm_everything_is_stopped(shop: Workshop) -> None:
    shop.put(keys.REGRESSIONS, seen={"another": epoch(AT)}, ver=1)
    take(ended(shop), burning())
    assert list(stopped(shop)) == ["all"]
    assert stopped(shop)["all"]["undo"] is True


def test_what_may_not_be_undone_stays_and_says_so(shop: Workshop) -> None:
    drawn = shop.item(keys.plan(shop.incident_id))
    held = drawn["body"].replace('"revertible":true', '"revertible":false')
    shop.put(keys.plan(shop.incident_id), **{**drawn, "body": held})
    take(ended(shop), burning())
    (harm,) = harms(shop)
    assert (harm["undo"], shop.incident.state) == ([], State.RESOLVED)
    assert shop.others["stepfunctions"].started == []
