"""where: the policy acts only on the subjects it was written for."""

from decide.facts import Facts
from edsr.model import Finding, Row, Subject
from edsr.policy import Policy

FIELDS = frozenset(Subject.model_fields)


def where(finding: Finding, policy: Policy, _facts: Facts) -> Row:
    """Refuse a subject outside the policy's `where`; one the catalogue does not know is unknown, which also refuses."""
    if policy.where is None:
        return Row("where", True, finding.subject.arn, None, "the policy covers every subject")
    known = vars(finding.subject)
    if None in known.values():
        known = {name: value for name, value in known.items() if value is not None}
    missing = [name for name in policy.asked if name in FIELDS and name not in known]
    if missing:
        return Row("where", False, None, None, f"{', '.join(missing)} of the subject not known: not in the catalogue")
    matched = bool(policy.scope.match(known))
    seen = ", ".join([f"{name} {known.get(name)}" for name in policy.asked])
    return Row("where", matched, seen, policy.covers, "covered" if matched else "not a subject of this policy")
