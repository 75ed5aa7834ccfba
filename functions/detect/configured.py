"""Config: what it says of a resource that a rule looked at anew, or whose configuration is another one now."""

from detect.envelope import Seen, moment, said
from detect.intake import Ignored, text
from detect.kinds import Event
from detect.resources import concerned
from edsr.kinds import kind_of


def compliance(event: Event) -> Seen | Ignored:
    """A resource that a rule of Config looked at anew; it is told only when the answer changed."""
    new = ("detail", "newEvaluationResult")
    if (state := text(event, *new, "complianceType")) not in ("NON_COMPLIANT", "COMPLIANT"):
        return Ignored(f"the resource is {state[:64]}")
    rule, resource = text(event, "detail", "configRuleName"), text(event, "detail", "resourceId")
    touched = concerned(event, resource, text(event, "detail", "resourceType"), text(event, "detail", "configRuleARN"))
    return Seen(
        arn=touched,
        kind=kind_of(touched),
        condition=rule,
        episode=f"{rule} {text(event, *new, 'resultRecordedTime')}",
        at=moment(event, *new, "resultRecordedTime"),
        title=f"{resource} does not comply with {rule}",
        evidence={"rule": rule, "resource": resource, "type": text(event, "detail", "resourceType")},
        over="the resource is COMPLIANT" if state == "COMPLIANT" else "",
    )


def changed(event: Event) -> Seen | Ignored:
    """A resource whose configuration is another one now; what it is now and was before stays with Config."""
    item = ("detail", "configurationItem")
    since, change = text(event, *item, "configurationItemCaptureTime"), said(event, "detail", *DIFF)
    touched = concerned(
        event, said(event, *item, "ARN") or text(event, *item, "resourceId"), said(event, *item, TYPE), ""
    )
    return Seen(
        arn=touched,
        kind=kind_of(touched),
        condition=f"configuration-{(change or 'change').lower()}",
        episode=since,
        at=moment(event, *item, "configurationItemCaptureTime"),
        title=f"the configuration of {touched} was changed",
        evidence={"type": said(event, *item, TYPE), "resource": said(event, *item, "resourceId")},
    )


DIFF, TYPE = ("configurationItemDiff", "changeType"), "resourceType"
