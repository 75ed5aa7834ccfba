"""The rules of `detect.trail`: what CloudTrail records reaches a rule only where its policy asks for that kind."""

from collections.abc import Iterator

from edsr import pattern
from edsr.pattern.branches import Branch, Field
from edsr.policy import Policy
from infra.lint import rules
from infra.lint.problem import Said

SOURCE = "cloudtrail"
READ, DATA = "read", "data"
READS = ("Get", "List", "Describe")
"""How the names of read-only calls begin: an ordinary rule is not told of them."""

READS_TOO = frozenset({"BatchGetSecretValue"})
"""Read-only calls of other names that policies ask for."""

NOT_READS = frozenset({"GetFederationToken", "GetSessionToken"})
"""Calls that hand out credentials: they are delivered like writes."""

DATA_CALLS = {
    "s3.amazonaws.com": frozenset(
        {"GetObject", "PutObject", "DeleteObject", "DeleteObjects", "ListObjects", "HeadObject"}
    ),
    "lambda.amazonaws.com": frozenset({"Invoke", "InvokeExecution"}),
    "dynamodb.amazonaws.com": frozenset(
        {"GetItem", "BatchGetItem", "PutItem", "BatchWriteItem", "UpdateItem", "DeleteItem", "Query", "Scan"}
    ),
    "sqs.amazonaws.com": frozenset({"SendMessage", "ReceiveMessage", "DeleteMessage"}),
    "sns.amazonaws.com": frozenset({"Publish", "PublishBatch"}),
}
"""Calls that only a trail with data events records."""


def trail_rules(policy: Policy) -> Iterator[Said]:
    """What is wrong with which events of CloudTrail a policy asks for; what it says holds for its steps too."""
    trail = policy.detect.trail
    recorded = [one for one in (policy.detect, *policy.detect.steps) if one.source == SOURCE]
    if trail and not recorded:
        what = f"is of {SOURCE} alone, and the source is {policy.detect.source!r}: leave it out"
        yield Said(rules.NO_TRAIL, ("detect", "trail"), what)
        return
    said = trail or "write"
    branches = [branch for one in recorded for branch in pattern.compile(one.pattern).branches]
    other = ((name, needed) for branch in branches for name, needed in _needs(branch) if needed != said)
    for name, needed in list(other)[:1]:
        what = f"{said!r} is never told of {name}, which is a {needed} event: write {needed!r}"
        yield Said(rules.OTHER_TRAIL, ("detect", "trail") if trail else ("detect", "pattern"), what)


def _needs(branch: Branch) -> Iterator[tuple[str, str]]:
    """The names that a pattern takes and that need more than `write`, each with what it needs."""
    fields = {field.path: field for field in branch.fields}
    services = _texts(fields.get("detail.eventSource"))
    data = frozenset().union(*(DATA_CALLS.get(service, frozenset()) for service in services))
    for name in _texts(fields.get("detail.eventName")):
        if name in data:
            yield name, DATA
        elif name in READS_TOO or (name.startswith(READS) and name not in NOT_READS):
            yield name, READ


def _texts(field: Field | None) -> list[str]:
    """The values and beginnings of text that a field is wanted to have."""
    wanted = field.wanted if field else ()
    beginnings = [one["prefix"] for one in wanted if isinstance(one, dict) and isinstance(one.get("prefix"), str)]
    return [one for one in wanted if isinstance(one, str)] + beginnings
