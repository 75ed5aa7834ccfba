"""What the hands that cut instances and zones off refuse, what they keep first, and what their probes make of it."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from act.actuators import keep_evidence, quarantine_instance, replace_instance, shift_zone
from edsr.aws.readers import ec2_instance, ec2_instance_membership, ec2_instance_snapshots, elasticloadbalancing_zones
from edsr.errors import Gone, Refused
from edsr.model import Judged
from edsr.ports import Clients, Observed
from tests import estate
from tests.aws.isolation import BALANCER, MACHINE
from tests.aws.isolation_stand_ins import CLOSED, INSTANCE, OPEN, Instances, Scaling, Zones
from tests.aws.stand_ins import answered
from tests.things import AT

pytestmark = pytest.mark.usefixtures("aws")
ALONE = {"groups": [OPEN], "interfaces": 1}
SERVED = {"zones": ["use1-az1", "use1-az2", "use1-az4"]}


def look(probe: str, args: dict[str, Any]) -> Judged:
    judged: Judged = import_module(f"verify.probes.{probe}").look(estate.client, args, since=AT, now=AT).judged
    return judged


def test_an_instance_is_put_behind_a_group_without_any_rule() -> None:
    with Instances().answering():
        quarantine_instance.guard(estate.client, MACHINE, ALONE, {"group": CLOSED})
        with pytest.raises(Refused, match=rf"{OPEN} lets something through \(sgr-1\): it isolates nothing"):
            quarantine_instance.guard(estate.client, MACHINE, ALONE, {"group": OPEN})


def test_each_interface_would_have_to_be_isolated_by_itself() -> None:
    with pytest.raises(Refused, match="has 2 interfaces"):
        quarantine_instance.guard(estate.client, MACHINE, ALONE | {"interfaces": 2}, {"group": CLOSED})


def test_before_it_is_isolated_an_instance_has_to_leave_its_group() -> None:
    """In the wrong order the group finds it unhealthy, and terminates it with all that it could tell."""
    instances = Instances()
    instances.tags.append({"Key": "aws:autoscaling:groupName", "Value": "web"})
    with instances.answering(), pytest.raises(Refused, match=r"is in the Auto Scaling group web, .*: replace it first"):
        quarantine_instance.guard(estate.client, MACHINE, ALONE, {"group": CLOSED})


def test_that_it_left_its_group_since_the_plan_is_no_drift() -> None:
    instances = Instances()
    with instances.answering():
        before = ec2_instance.observe(estate.client, MACHINE)
        instances.tags.append({"Key": "aws:autoscaling:groupName", "Value": "web"})
        after = ec2_instance.observe(estate.client, MACHINE)
    assert before.state == after.state
    assert before.evidence != after.evidence


def test_what_an_instance_is_is_written_down_before_it_is_isolated() -> None:
    with Instances().answering():
        evidence = ec2_instance.observe(estate.client, MACHINE).evidence or {}
    assert evidence["volumes"] == ["vol-0a1b2c3d4e5f60718"]
    assert (evidence["PrivateIpAddress"], evidence["tags"], evidence["state"]) == (
        "10.0.0.7",
        {"Name": "web-1"},
        "running",
    )


@pytest.mark.parametrize("guard", [quarantine_instance.guard, replace_instance.guard, shift_zone.guard])
def test_what_was_cut_off_may_be_let_in_again(guard: Callable[..., None]) -> None:
    guard(estate.client, MACHINE, ALONE | SERVED | {"away": "use1-az1"}, None)


Observe = Callable[[Clients, str], Observed]


@pytest.mark.parametrize("state", ["shutting-down", "terminated"])
@pytest.mark.parametrize("observe", [ec2_instance.observe, ec2_instance_snapshots.observe])
def test_an_instance_that_is_terminated_is_gone(observe: Observe, state: str) -> None:
    instances = Instances()
    instances.state = state
    with instances.answering(), pytest.raises(Gone, match="is terminated"):
        observe(estate.client, MACHINE)
    with answered("ec2", "DescribeInstances", lambda _: {"Reservations": []}), pytest.raises(Gone):
        observe(estate.client, MACHINE)


def test_an_instance_of_another_account_is_out_of_reach() -> None:
    instances = Instances()
    instances.owner = "9" * 12
    with instances.answering(), pytest.raises(Refused, match="out of reach"):
        ec2_instance.observe(estate.client, MACHINE)


def test_evidence_of_an_earlier_case_is_none_of_this_one() -> None:
    instances = Instances()
    with instances.answering():
        keep_evidence.apply(estate.client, MACHINE, {"earlier": "kept"}, "", "")
        assert ec2_instance_snapshots.observe(estate.client, MACHINE).state == {"earlier": "kept"}
        args = {"instance": MACHINE, "case": "case-1"}
        assert look("evidence_is_kept", args) is Judged.WORSE
        keep_evidence.apply(estate.client, MACHINE, keep_evidence.goal({"case": "case-1"}), "", "")
        assert look("evidence_is_kept", args) is Judged.BETTER
        instances.snapshots[-1]["State"] = "completed"
        assert look("evidence_is_kept", args) is Judged.BETTER
        instances.snapshots[-1]["State"] = "error"
        assert look("evidence_is_kept", args) is Judged.WORSE


@pytest.mark.parametrize("case", ["", "two words", "x" * 257, "case\n"])
def test_a_case_is_what_a_tag_can_hold(case: str) -> None:
    with pytest.raises(ValueError, match="String should match pattern"):
        keep_evidence.goal({"case": case})


def test_an_instance_is_isolated_when_it_is_behind_the_one_group_and_that_has_no_rule() -> None:
    instances, args = Instances(), {"instance": MACHINE, "group": CLOSED}
    with instances.answering():
        assert look("instance_is_isolated", args) is Judged.WORSE
        quarantine_instance.apply(estate.client, MACHINE, quarantine_instance.goal({"group": CLOSED}), "", "")
        assert look("instance_is_isolated", args) is Judged.BETTER
        instances.rules[CLOSED].append("sgr-2")
        assert look("instance_is_isolated", args) is Judged.WORSE
        quarantine_instance.apply(estate.client, MACHINE, {"groups": [OPEN, CLOSED]}, "", "")
        assert look("instance_is_isolated", args) is Judged.WORSE
        instances.interfaces = 0
        assert look("instance_is_isolated", args) is Judged.UNKNOWN


@pytest.mark.parametrize(
    ("instances", "suspended", "reason"),
    [
        ({INSTANCE: "Healthy", "i-0b": "Healthy"}, ["Launch"], "web launches nothing at present"),
        ({INSTANCE: "Healthy", "i-0b": "Unhealthy"}, [], "0 others of web are healthy of 2 that are wanted"),
        ({INSTANCE: "Healthy"}, ["AZRebalance"], "0 others of web are healthy of 2"),
        ({INSTANCE: "Unhealthy", "i-0b": "Healthy"}, ["AZRebalance"], ""),
    ],
)
def test_an_instance_is_replaced_only_where_another_comes_and_the_others_are_well(
    instances: dict[str, str], suspended: list[str], reason: str
) -> None:
    scaling = Scaling()
    scaling.instances, scaling.suspended = instances, suspended
    with scaling.answering():
        if not reason:
            replace_instance.guard(estate.client, MACHINE, {"group": "web"}, {})
            return
        with pytest.raises(Refused, match=reason):
            replace_instance.guard(estate.client, MACHINE, {"group": "web"}, {})


def test_what_is_in_no_group_is_replaced_already() -> None:
    scaling = Scaling()
    scaling.instances = {"i-0b": "Healthy"}
    with scaling.answering():
        assert ec2_instance_membership.observe(estate.client, MACHINE).state == {}
    assert look("instance_is_replaced", {"instance": MACHINE, "group": ""}) is Judged.BETTER


def test_an_instance_is_replaced_when_the_group_has_all_that_it_wants_without_it() -> None:
    scaling, args = Scaling(), {"instance": MACHINE, "group": "web"}
    with scaling.answering():
        assert look("instance_is_replaced", args) is Judged.WORSE
        replace_instance.apply(estate.client, MACHINE, {"group": None}, "web", "")
        assert look("instance_is_replaced", args) is Judged.PENDING
        scaling.launch()
        assert look("instance_is_replaced", args) is Judged.BETTER
        replace_instance.apply(estate.client, MACHINE, {"group": "web"}, "", "")
        assert look("instance_is_replaced", args) is Judged.WORSE
        assert look("instance_is_replaced", args | {"group": "other"}) is Judged.UNKNOWN


@pytest.mark.parametrize(
    ("state", "zone", "reason"),
    [
        (SERVED, "use1-az6", "does not serve use1-az6: it serves use1-az1, use1-az2, use1-az4"),
        ({"zones": ["use1-az1", "use1-az2"]}, "use1-az1", "serves 2 zones: 2 have to be left"),
        (SERVED | {"away": "use1-az2"}, "use1-az1", "a second zone would be too many"),
    ],
)
def test_a_zone_is_left_only_where_two_others_are_left(state: dict[str, Any], zone: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        shift_zone.guard(estate.client, BALANCER, state, {"zone": zone})


@pytest.mark.parametrize("zone", ["us-east-1a", "", "use1-az1\n", "az1"])
def test_a_zone_is_named_by_its_id(zone: str) -> None:
    with pytest.raises(ValueError, match="String should match pattern"):
        shift_zone.goal({"zone": zone})


SHIFT = {"zonalShiftId": "s", "awayFrom": "use1-az2", "appliedStatus": "APPLIED"}


@pytest.mark.parametrize("kind", ["PRACTICE_RUN", "FIS_EXPERIMENT", "ZONAL_AUTOSHIFT"])
def test_while_aws_itself_shifts_nobody_else_does(kind: str) -> None:
    zones = Zones()
    zones.shifts = [{**SHIFT, "shiftType": kind}]
    with zones.answering(), pytest.raises(Refused, match=r"AWS itself shifts the traffic of .* away from use1-az2"):
        elasticloadbalancing_zones.observe(estate.client, BALANCER)


def test_an_autoshift_that_is_applied_counts_and_one_that_is_not_does_not() -> None:
    zones = Zones()
    zones.autoshifts = [{"appliedStatus": "APPLIED", "awayFrom": "use1-az4", "startTime": AT}]
    with zones.answering():
        with pytest.raises(Refused, match="use1-az4"):
            elasticloadbalancing_zones.observe(estate.client, BALANCER)
        zones.autoshifts[0]["appliedStatus"] = "NOT_APPLIED"
        zones.shifts = [{**SHIFT, "shiftType": "PRACTICE_RUN", "appliedStatus": "NOT_APPLIED"}]
        assert elasticloadbalancing_zones.observe(estate.client, BALANCER).state == SERVED


def test_a_shift_ends_by_itself_when_nobody_is_left_to_end_it() -> None:
    with Zones().answering(), answered("arc-zonal-shift", "StartZonalShift", lambda _: {}) as asked:
        shift_zone.apply(estate.client, BALANCER, {"away": "use1-az1"}, "", "")
    assert asked[0]["expiresIn"] == "24h"


def test_a_zone_is_left_when_it_has_no_weight_and_every_other_has_some() -> None:
    zones, args = Zones(), {"balancer": BALANCER, "zone": "use1-az1"}
    with zones.answering():
        assert look("zone_is_left", args) is Judged.WORSE
        shift_zone.apply(estate.client, BALANCER, {"away": "use1-az1"}, "", "")
        assert look("zone_is_left", args) is Judged.BETTER
        zones.weights["use1-az2"] = 0.0
        assert look("zone_is_left", args) is Judged.UNKNOWN
        zones.weights["use1-az2"] = 1.0
        shift_zone.apply(estate.client, BALANCER, {"away": None}, "shift-0", "")
        assert look("zone_is_left", args) is Judged.WORSE
        assert look("zone_is_left", args | {"zone": "use1-az9"}) is Judged.UNKNOWN
