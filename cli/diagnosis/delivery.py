"""Whether events come at all: the rules, the Region, and the trail."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from cli.diagnosis.finding import Level, Patient, Row, asking, reads
from edsr.policy import Policy
from infra.parts.rules import ALL_CALLS, rules_of

GLOBAL = (
    "aws.billing",
    "aws.budgets",
    "aws.ce",
    "aws.cloudfront",
    "aws.health",
    "aws.iam",
    "aws.organizations",
    "aws.route53",
    "aws.signin",
    "aws.sts",
)
HOME = "us-east-1"
SPREAD = ("aws.health", "aws.signin", "aws.sts")
"""Of the global ones those whose events come in other Regions, too: they do not keep a policy from firing."""

TRAILED = ("AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail", "AWS Service Event via CloudTrail")


def rules(patient: Patient) -> Iterator[Row]:
    """The rules of the policies."""
    for rule in rules_of(patient.policies):
        name = rule.name
        with asking(f"rule {name}"):
            try:
                state = patient.ask("events", "describe_rule", Name=name)["State"]
            except ClientError as exc:
                if exc.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                state = "missing"
        if state == "ENABLED" and rule.state == ALL_CALLS:
            why = "it is not told of events that only read"
            yield Row(Level.BLOCKED, f"rule {name}", why, "deploy the suite", (rule.policy.id,))
        elif not state.startswith("ENABLED"):
            remedy = "deploy the suite" if state == "missing" else f"aws events enable-rule --name {name}"
            yield Row(Level.BLOCKED, f"rule {name}", f"it is {state.lower()}", remedy, (rule.policy.id,))


def regions(patient: Patient) -> Iterator[Row]:
    """Sources whose events come in one Region only."""
    if patient.region == HOME:
        return
    for source in (name for name in GLOBAL if name not in SPREAD):
        if about := patient.of({"source": source}):
            why = f"its events come in {HOME} only, and this is {patient.region}"
            yield Row(Level.BLOCKED, source, why, f"deploy these policies in {HOME}", about)


def trail(patient: Patient) -> Iterator[Row]:
    """The trail that API calls come through."""
    waiting = [policy for policy in patient.policies if any(reads(policy, {"detail-type": kind}) for kind in TRAILED)]
    if not waiting:
        return
    about = tuple(policy.id for policy in waiting)
    with asking("CloudTrail"):
        trails = patient.ask("cloudtrail", "describe_trails")["trailList"]
        here = [one for one in trails if one.get("IsMultiRegionTrail") or one.get("HomeRegion") == patient.region]
        logging = [one for one in here if _status(patient, one)["IsLogging"]]
        chosen = [patient.ask("cloudtrail", "get_event_selectors", TrailName=one["TrailARN"]) for one in logging]
    if not here:
        why = "no trail covers this Region, and API calls come as events through a trail only"
        yield Row(Level.BLOCKED, "CloudTrail", why, "create a trail for all Regions that logs management events", about)
    elif not logging:
        names = ", ".join(one["Name"] for one in here)
        remedy = f"aws cloudtrail start-logging --name {here[0]['Name']}"
        yield Row(Level.BLOCKED, "CloudTrail", f"no trail logs here: {names} is stopped", remedy, about)
    else:
        kinds = set().union(*map(_logged, chosen))
        for need, remedy in NEEDS.items():
            if need not in kinds and (lack := tuple(one.id for one in waiting if _needs(one) == need)):
                yield Row(Level.BLOCKED, "CloudTrail", f"no trail that logs here selects {need} events", remedy, lack)


MANAGED = {"All": {"write", "read"}, "WriteOnly": {"write"}, "ReadOnly": {"read"}}
NEEDS = {
    "write": "let a trail select management events, ReadWriteType All or WriteOnly",
    "read": "let a trail select management events, ReadWriteType All or ReadOnly, and the rule be in state "
    "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    "data": "let a trail select data events of what the policy is about",
}


def _needs(policy: Policy) -> str:
    """What a policy says of the trail; where it says nothing it waits for what changes something."""
    return policy.detect.trail or "write"


def _status(patient: Patient, one: dict[str, Any]) -> dict[str, Any]:
    return patient.ask("cloudtrail", "get_trail_status", Name=one["TrailARN"])


def _logged(said: dict[str, Any]) -> set[str]:
    """Which kinds of events a trail selects: `write`, `read`, `data`."""
    found: set[str] = set()
    for one in said.get("EventSelectors") or ():
        if one.get("IncludeManagementEvents", True):
            found |= {"All": {"write", "read"}, "WriteOnly": {"write"}, "ReadOnly": {"read"}}[
                one.get("ReadWriteType", "All")
            ]
        if one.get("DataResources"):
            found.add("data")
    for one in said.get("AdvancedEventSelectors") or ():
        fields = {field["Field"]: field.get("Equals", []) for field in one["FieldSelectors"]}
        if "Data" in fields.get("eventCategory", ()):
            found.add("data")
        elif "Management" in fields.get("eventCategory", ()):
            only = fields.get("readOnly")
            found |= {"write", "read"} if not only else {"read"} if "true" in only else {"write"}
    return found
