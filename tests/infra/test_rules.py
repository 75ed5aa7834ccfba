"""A policy becomes one rule; what EventBridge would refuse is refused at synth, in words."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from edsr.errors import DocumentInvalid
from edsr.policy import Library, Policy
from infra import POLICIES
from infra.app import build
from infra.catalogue import discover
from infra.errors import DocumentsInvalid, LimitExceeded
from infra.parts import limits
from infra.parts.buses import buses
from infra.parts.recoveries import matched
from tests.infra.reading import Assembly
from tests.things import a_policy

POLICY = "lambda-canary-rollback"


def test_every_policy_is_one_enabled_rule_on_the_bus_of_its_events(dev: Assembly) -> None:
    for policy in Library.at(POLICIES).policies():
        rule = dev.compute.one("AWS::Events::Rule", Name=f"edsr-{policy.detect.source}-{policy.id}")
        (bus,) = buses(discover().detectors[policy.detect.source], policy.detect.pattern)
        assert rule.get("EventBusName", "default") == bus
        reads = policy.detect.trail == "read"
        assert rule["State"] == ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" if reads else "ENABLED")
        taken = matched(discover().detectors[policy.detect.source], policy)
        assert rule["EventPattern"] == {**taken, "replay-name": [{"exists": False}]}
        (target,) = rule["Targets"]
        template = target["InputTransformer"]["InputTemplate"]
        assert template == f'{{"v":1,"policy":"{policy.id}","event":<aws.events.event.json>}}'


def test_a_rule_takes_the_end_of_what_its_pattern_takes_and_nothing_else_is_found_in_it() -> None:
    said = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}
    of = {"alarmName": [{"prefix": "canary-"}], "state": {"value": ["ALARM"]}}
    taken = matched(discover().detectors["cloudwatch"], _detecting(said | {"detail": of}))
    assert taken == said | {"detail": of | {"state": {"value": ["ALARM", "OK"]}}}
    either = {"$or": [{"state": {"value": ["ALARM"]}}, {"alarmName": ["x"]}]}
    taken = matched(discover().detectors["cloudwatch"], _detecting(said | {"detail": either}))
    assert taken["detail"]["$or"] == [{"state": {"value": ["ALARM", "OK"]}}, {"alarmName": ["x"]}]


@pytest.mark.parametrize("technique", [{"count": {"at-least": 3, "within": "PT10M"}}, {"anomaly": {"value.$": "time"}}])
def test_what_several_events_tell_has_no_end_that_one_tells(technique: dict[str, Any]) -> None:
    said = {"detail-type": ["CloudWatch Alarm State Change"], "detail": {"state": {"value": ["ALARM"]}}}
    assert matched(discover().detectors["cloudwatch"], _detecting(said, **technique)) == said


def test_other_kinds_of_events_are_taken_as_they_are() -> None:
    said = {"detail-type": ["ECS Task State Change"], "detail": {"lastStatus": ["STOPPED"]}}
    assert matched(discover().detectors["delivery"], _detecting(said)) == said


def test_where_most_of_what_goes_well_ends_nothing_the_rule_takes_what_does() -> None:
    of = {"stateMachineArn": ["arn:aws:states:us-east-1:000000000000:stateMachine:orders"]}
    said = {"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"]}
    failed = {**of, "status": ["FAILED"]}
    taken = matched(discover().detectors["data"], _detecting(said | {"detail": failed}))
    redriven = {"redriveCount": [{"numeric": [">", 0]}], "status": ["FAILED", "SUCCEEDED"], **of}
    assert taken == {**said, "$or": [{"detail": failed}, {"detail": redriven}]}
    either = said | {"$or": [{"detail": failed}, {"detail": {"status": ["ABORTED"]}}]}
    assert matched(discover().detectors["data"], _detecting(either)) == either


def _detecting(pattern: dict[str, Any], **technique: Any) -> Policy:
    said = {"source": "cloudwatch", "severity": "low", "pattern": pattern, **technique}
    return a_policy(detect=said)


KUBERNETES = discover().detectors["kubernetes"]


@pytest.mark.parametrize(
    ("said", "over"),
    [
        ({"source": ["aws.eks"]}, ("default",)),
        ({"source": ["aws.eks"], "detail-type": [{"prefix": "EKS"}]}, ("default",)),
        ({"source": ["com.example.cluster-events"], "detail-type": ["Kubernetes Event"]}, ("edsr",)),
        ({"source": ["edsr.forward"], "detail-type": ["CloudWatch Logs Event"]}, ("edsr",)),
        ({"source": [{"anything-but": ["com.example.test"]}]}, ("default", "edsr")),
        ({"$or": [{"source": ["aws.eks"]}, {"detail-type": ["Kubernetes Event"]}]}, ("default", "edsr")),
        ({"detail-type": ["Nothing That Is Read"]}, ("default",)),
    ],
)
def test_a_rule_stands_on_each_bus_that_its_events_come_over(said: dict[str, Any], over: tuple[str, ...]) -> None:
    assert buses(KUBERNETES, said) == over


def test_a_pattern_longer_than_eventbridge_takes_is_refused() -> None:
    long = {"detail": {"alarmName": [f"canary-{number:04}" for number in range(160)]}}
    with pytest.raises(LimitExceeded, match="rule edsr-x: its pattern has 2"):
        limits.check({"edsr-x": long})


def test_more_rules_than_a_bus_takes_are_refused() -> None:
    with pytest.raises(LimitExceeded, match="251 policies"):
        limits.check({f"edsr-{number}": {"source": ["aws.ec2"]} for number in range(251)})


def test_more_wildcard_rules_than_stay_fast_are_refused() -> None:
    wild = {"detail": {"name": [{"anything-but": {"wildcard": "a*b"}}]}}
    limits.check({f"edsr-{number}": wild for number in range(25)})
    with pytest.raises(LimitExceeded, match="26 rules match with `wildcard`"):
        limits.check({f"edsr-{number}": wild for number in range(26)})


def test_a_policy_with_an_unknown_source_stops_the_synth_and_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(DocumentsInvalid, match=r"there is no detector 'nowhere'; there are: billing, c"):
        build(tmp_path / "out", policies=_with(tmp_path, ("detect", "source"), "nowhere"))


def test_a_policy_that_breaks_a_rule_stops_the_synth_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(DocumentsInvalid, match=r"lambda-canary-rollback\.json:1: error EDSR105: \$\.respond\.mode"):
        build(tmp_path / "out", policies=_with(tmp_path, ("respond", "mode"), "sometimes"))


def test_two_policies_with_one_id_stop_the_synth(tmp_path: Path) -> None:
    folder = _with(tmp_path, ("title",), "twice")
    shutil.copy(folder / f"{POLICY}.json", folder / "other.json")
    with pytest.raises(DocumentsInvalid, match="must equal the file's name"):
        build(tmp_path / "out", policies=folder)


def test_a_mode_for_a_policy_that_is_not_there_stops_the_synth(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match="has no policy gone"):
        build(tmp_path / "out", given={"modes": {"gone": "observe"}})


def _with(tmp_path: Path, path: tuple[str, ...], value: Any) -> Path:
    """A copy of the policies with one value of one policy changed."""
    folder = shutil.copytree(POLICIES, tmp_path / "policies")
    file = folder / f"{POLICY}.json"
    said = json.loads(file.read_text("utf-8"))
    inner = said
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    file.write_text(json.dumps(said), "utf-8")
    return folder
