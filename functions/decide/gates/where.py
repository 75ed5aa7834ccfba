"""where: the policy acts only on the subjects it was written for."""

from decide.facts import Facts
from edsr.model import Finding, Row, Subject
from edsr.policy import Policy

FIELDS = frozenset(Subject.model_fields)


def where(finding: Finding, policy: Policy, _facts: Facts) -> Row:
    """Refuse a subject outside the policy's `where`; one the catalogue does not know is unknown, which also refuses."""
    if policy.scope is None:
        return Row("where", True, finding.subject.arn, None, "the policy covers every subject")
    known = vars(finding.subject)
    if None in known.values():
        known = {name: value for name, value in known.items() if value is not None}
        if missing := ", ".join([name for name in policy.asked if name in FIELDS and name not in known]):
            return Row("where", False, None, None, f"{missing} of the subject not known: not in the catalogue")
    matched = policy.scope.matches_flat(known)
    seen = ", ".join([f"{name} {known.get(name)}" for name in policy.asked])
    return Row("where", matched, seen, policy.covers, "covered" if matched else "not a subject of this policy")
