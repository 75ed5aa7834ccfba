"""storm: while a person has been told of a storm, everything there is only observed."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.times import epoch


def storm(finding: Finding, _policy: Policy, facts: Facts) -> Row:
    """Refuse while a storm lasts among the subject's kind in its service."""
    weather = facts.weather
    if not weather.told or not weather.stormy(finding.incident_id, facts.now):
        return Row("storm", True, "", None, "no storm")
    left = weather.until - epoch(facts.now)
    return Row("storm", False, weather.told, None, f"a storm: {weather.told} told a person; {left} s more of observing")
