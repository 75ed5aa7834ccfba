"""The polls of AWS Health and of what security services find: the very finding of the event, once, and quietly off."""

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.exceptions import ClientError

from edsr.errors import Denied, Off
from infra.catalogue import discover
from tests import estate, policies
from tests.aws import polled
from tests.aws.dropped import Scene, a_scene
from tests.aws.polled import ANSWERS, TOLD, Service, shown, told
from tests.sources import found
from tests.things import AT

CALM = {"storm": {"subjects": 100}, "rate": {"max": 100}, "cooldown": "PT1S", "concurrency": {"max": 50}}
"""Brakes that ten at once do not touch."""

APART = [one for one in TOLD if one[1] != "health/outage"]
"""Each of these is about something else; an outage is about the account, and a second one waits for the first's end."""

NAMES = [f"{poll} {name.split('/')[1]}" for poll, name, _ in TOLD]


@pytest.mark.parametrize(("poll", "name", "identity"), TOLD, ids=NAMES)
def test_what_a_poll_shows_is_the_very_finding_of_the_event(poll: str, name: str, identity: tuple[str, ...]) -> None:
    event = told(name, identity)
    (seen,) = shown(poll, ANSWERS[poll]([event]))
    source = discover().polls[poll].source
    assert found(source, seen).id == found(source, event).id
    assert found(source, seen).observed_at <= AT
    assert json.loads(json.dumps(seen)) == seen


@pytest.mark.parametrize(("poll", "name", "identity"), APART, ids=[name for _, name, _ in APART])
def test_ten_of_ten_that_the_bus_dropped_are_found_once_each_also_when_it_brings_them_late(
    scene: Scene, poll: str, name: str, identity: tuple[str, ...]
) -> None:
    said = discover().polls[poll]
    withheld = [told(name, identity, number) for number in range(1, 11)]
    scene.others = dict.fromkeys(SERVICES[poll], ANSWERS[poll](withheld))
    scene.others["sts"] = ANSWERS[poll](withheld)
    watch(scene, said.source, said.detail_types)
    handed = []
    for _ in range(3):
        scene.clock.tick(minutes=1)
        handed.append(scene.sweep(poll)["handed"])
        scene.decide()
    assert handed == [10, 0, 0]
    assert len(scene.incidents()) == 10
    assert {incident.finding.origin for incident in scene.incidents()} == {"sweep"}
    for event in withheld:
        scene.detect({"v": 1, "policy": "watch", "event": event}, said.source)
    scene.decide()
    assert len(scene.incidents()) == 10


SERVICES = {
    "health": ["health"],
    "threats": ["guardduty"],
    "hub-findings": ["securityhub"],
    "weaknesses": ["inspector2"],
    "open-access": ["accessanalyzer"],
}


def watch(scene: Scene, source: str, kinds: tuple[str, ...]) -> None:
    """A policy that only watches waits for events of these kinds, and no other does."""
    folder = policies.folder_of(scene.library)
    policy = policies.read(folder / "flaky-build.json") | {"id": "watch", "safeguards": CALM}
    for file in folder.glob("*.json"):
        if file.name != "catalogue.json":
            file.unlink()
    del policy["where"]
    policy["detect"] = {"source": source, "severity": "high", "pattern": {"detail-type": list(kinds)}}
    policies.write(folder / "watch.json", policy)


@pytest.fixture
def scene(aws: None, tmp_path: Path) -> Scene:  # noqa: ARG001 - moto has to answer first
    return a_scene(tmp_path / "policies")


def refusing(code: str) -> Service:
    """A service that answers with an error."""

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "X")

    return Service(describe_events=refuse, get_findings=refuse)


@pytest.mark.parametrize(
    ("poll", "code"), [("health", "SubscriptionRequiredException"), ("hub-findings", "InvalidAccessException")]
)
def test_a_service_that_is_not_switched_on_is_a_known_answer_and_no_failure(scene: Scene, poll: str, code: str) -> None:
    said = discover().polls[poll]
    watch(scene, said.source, said.detail_types)
    scene.others = dict.fromkeys((*SERVICES[poll], "sts"), refusing(code))
    assert scene.sweep(poll) == {"standing": 0, "handed": 0, "failed": 0}
    with pytest.raises(Off):
        shown(poll, refusing(code))


def test_permission_that_is_missing_is_not_taken_for_a_service_that_is_off() -> None:
    with pytest.raises(Denied):
        shown("health", refusing("AccessDeniedException"))


def test_where_inspector_is_off_or_there_is_no_detector_nothing_is_asked_further() -> None:
    off = polled.weaknesses([], "DISABLED")
    assert shown("weaknesses", off) == []
    assert off.asked == ["batch_get_account_status"]
    none = Service(list_detectors={"DetectorIds": []})
    assert shown("threats", none) == []


def test_what_has_not_changed_for_an_hour_is_not_shown_where_the_service_cannot_be_asked_for_the_latest() -> None:
    event = told("security/bucket-is-public", ())
    assert len(shown("open-access", polled.open_access([event]))) == 1
    assert shown("open-access", polled.open_access([event]), now=AT + timedelta(hours=2)) == []


def test_health_is_asked_in_its_own_region_for_this_one_and_for_what_concerns_none() -> None:
    wanted: list[Any] = []

    def describe(**said: Any) -> Any:
        wanted.append(said["filter"])
        return {"events": []}

    shown("health", Service(describe_events=describe))
    assert wanted[0]["regions"] == ["us-east-1", "global"]
    assert wanted[0]["lastUpdatedTimes"] == [{"from": AT - timedelta(hours=1)}]


def test_a_report_of_abuse_is_told_by_its_own_kind_of_event() -> None:
    event = told("health/outage", ())
    event["detail"]["service"] = "ABUSE"
    (seen,) = shown("health", polled.health([event]))
    assert seen["detail-type"] == "AWS Health Abuse Event"


def test_a_sample_of_guardduty_is_one_though_its_api_hides_it_in_a_text() -> None:
    event = told("security/instance-mines", ())
    event["detail"]["service"]["additionalInfo"] = {"value": '{"sample": true}', "type": "default"}
    (seen,) = shown("threats", polled.threats([event]))
    assert seen["detail"]["service"]["additionalInfo"]["sample"] is True
    event["detail"]["service"]["additionalInfo"]["value"] = "not json"
    (seen,) = shown("threats", polled.threats([event]))
    assert "sample" not in seen["detail"]["service"]["additionalInfo"]


def test_what_is_asked_of_security_hub_and_inspector_is_what_they_take(aws: None) -> None:  # noqa: ARG001
    hub, event = estate.client("securityhub"), told("security/control-fails", ())
    hub.enable_security_hub()
    hub.batch_import_findings(Findings=event["detail"]["findings"])
    (seen,) = [one for one in shown("hub-findings", None) if "S3.8" in one["id"]]
    assert found("security", seen).condition == "S3.8"
    assert shown("weaknesses", None) == []


def test_guarddutys_api_spells_what_a_detector_reads_as_its_events_do_but_for_the_capital() -> None:
    (file,) = Path(botocore.__file__).parent.glob("data/guardduty/*/service-2.json.gz")
    shapes = json.loads(gzip.decompress(file.read_bytes()))["shapes"]
    for shape in ("Finding", "Resource", "Service", "InstanceDetails", "AccessKeyDetails", "EksClusterDetails"):
        for name, member in shapes[shape]["members"].items():
            assert member["locationName"] == name[:1].lower() + name[1:]
