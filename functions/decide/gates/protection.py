"""protection: what the catalogue protects is never touched."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy


def protection(finding: Finding, _policy: Policy, facts: Facts) -> Row:
    """Refuse a subject that its service protects; plan refuses targets in the same way."""
    if facts.protected:
        return Row("protection", False, finding.subject.arn, None, f"protected: {facts.protected}")
    return Row("protection", True, "", None, "the catalogue does not protect it")
