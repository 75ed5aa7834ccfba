"""relapse: what was undone on a subject a moment ago is not done there again: repair and undo would go in circles."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.protocol.admission import RELAPSE
from edsr.times import epoch

LIMIT = int(RELAPSE.total_seconds())


def relapse(_finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse a playbook that was undone on this subject within the hour; the subject is latched, and a person told."""
    playbook = policy.respond.playbook
    undone = facts.undone.get(playbook)
    since = epoch(facts.now) - undone if undone is not None else None
    if since is None or since >= LIMIT:
        return Row("relapse", True, since or 0, LIMIT, f"{playbook} was not undone here lately")
    reason = f"{playbook} was undone here {since} s ago: it would go in circles, so a person must look"
    return Row("relapse", False, since, LIMIT, reason)
