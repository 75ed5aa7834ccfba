"""Messages: what a rule makes of the data of an event on the suite's bus; `<field>` names a field of it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_events as events

Message = events.CfnRule.InputTransformerProperty


def lines(texts: Sequence[str]) -> Message:
    """Plain text, a line each."""
    return _made("\n".join(json.dumps(text) for text in texts))


def body(template: Mapping[str, Any]) -> Message:
    """JSON. Its fields are put in as JSON, quotes and all, so that no text of others breaks out."""
    return _made(re.sub(r'"(<\w+>)"', r"\1", json.dumps(template)))


def _made(template: str) -> Message:
    fields = sorted(set(re.findall(r"<(\w+)>", template)))
    return Message(input_paths_map={field: f"$.detail.data.{field}" for field in fields}, input_template=template)


def delivered(
    identity: str, arn: str, dead_letters: str, message: Message | None = None, role: str | None = None
) -> events.CfnRule.TargetProperty:
    """Where a message goes, tried for an hour; what is not delivered goes to `dead_letters`. Without a message it is
    the data itself."""
    return events.CfnRule.TargetProperty(
        id=identity,
        arn=arn,
        role_arn=role,
        dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead_letters),
        retry_policy=events.CfnRule.RetryPolicyProperty(maximum_event_age_in_seconds=3600, maximum_retry_attempts=100),
        input_transformer=message,
        input_path=None if message else "$.detail.data",
    )
