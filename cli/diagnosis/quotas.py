"""Quotas that the suite comes near."""

from collections.abc import Iterator

from cli.diagnosis.finding import Level, Patient, Row, Unasked, asking
from infra.parts.names import AT_ONCE

NEAR_PERCENT = 80
RULES = 300
"""Rules on a bus, unless the account has been given more."""

NEEDED = 5 * AT_ONCE
"""Functions that may run at once before decide, ten at a time, crowds out what it decides for and the account's own."""


def rules(patient: Patient) -> Iterator[Row]:
    """The rules on the default bus."""
    with asking("EventBridge's rules"):
        count = 0
        more: dict[str, str] = {}
        while True:
            page = patient.ask("events", "list_rules", **more)
            count += len(page["Rules"])
            if "NextToken" not in page:
                break
            more = {"NextToken": page["NextToken"]}
    limit = _limit(patient)
    if count * 100 >= limit * NEAR_PERCENT:
        why = f"{count} of {limit}: each policy needs one, and a deployment fails when there are no more"
        yield Row(Level.NEAR, "rules on the default bus", why, "ask for a higher quota, or remove rules")


def concurrency(patient: Patient) -> Iterator[Row]:
    """How many functions may run at once."""
    with asking("Lambda's limits"):
        limit = int(patient.ask("lambda", "get_account_settings")["AccountLimit"]["ConcurrentExecutions"])
    if limit < NEEDED:
        why = f"{limit} may run at once in this account, of which decide alone takes {AT_ONCE} in a storm"
        yield Row(Level.NEAR, "Lambda's concurrent executions", why, "ask for a higher quota: 1,000 is usual")


def _limit(patient: Patient) -> int:
    """What the account may have; the usual where it does not say."""
    try:
        with asking("Service Quotas"):
            quotas = patient.ask("service-quotas", "list_service_quotas", ServiceCode="events")["Quotas"]
    except Unasked:
        return RULES
    said = [int(one["Value"]) for one in quotas if one.get("QuotaName", "").lower() in ("rules", "number of rules")]
    return max(said, default=RULES)
