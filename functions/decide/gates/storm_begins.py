"""storm-begins: when so much is found at once, one incident tells a person, and nothing is done."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.protocol.storms import BEGINS


def storm_begins(finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse when something was found about so many subjects of a kind of the service, unless a person knows."""
    said, subject = policy.safeguards.storm, finding.subject
    weather = facts.weather
    if weather.told and weather.stormy(finding.incident_id, facts.now):
        return Row(BEGINS, True, weather.told, said.subjects, "a person knows of the storm")
    count = weather.found(subject.arn, said.within, facts.now)
    if count < said.subjects:
        return Row(BEGINS, True, count, said.subjects, f"{count} of its kind lately")
    what = f"{count} {subject.kind} of {subject.service or 'no service'} within {said.within} are a storm"
    return Row(BEGINS, False, count, said.subjects, f"{what}: a person must look")
