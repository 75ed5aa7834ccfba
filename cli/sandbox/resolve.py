"""What a template asked for, with its references filled in as far as they can be known."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # stands for what cannot be known and matches any text
NO_VALUE = {"Ref": "AWS::NoValue"}


def arn_of(kind: str, physical: str, asked: Mapping[str, Any], region: str, account: str) -> str:
    """A resource's ARN, from what Ref gives for it."""
    name = re.split(r"[/|]", physical)[-1] if kind in ("AWS::SQS::Queue", "AWS::Events::Rule") else physical
    bus = asked.get("EventBusName", "default")
    rule = name if bus == "default" else f"{bus}/{name}"
    role = f"arn:aws:iam::{account}:role{asked.get('Path', '/')}{name}"
    here = f"{region}:{account}"
    made = {
        "AWS::CloudWatch::Alarm": f"arn:aws:cloudwatch:{here}:alarm:{name}",
        "AWS::CloudWatch::CompositeAlarm": f"arn:aws:cloudwatch:{here}:alarm:{name}",
        "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{here}:table/{name}",
        "AWS::DynamoDB::GlobalTable": f"arn:aws:dynamodb:{here}:table/{name}",
        "AWS::Events::EventBus": f"arn:aws:events:{here}:event-bus/{name}",
        "AWS::Events::Rule": f"arn:aws:events:{here}:rule/{rule}",
        "AWS::IAM::Role": role,
        "AWS::KMS::Key": f"arn:aws:kms:{here}:key/{name}",
        "AWS::Lambda::EventSourceMapping": f"arn:aws:lambda:{here}:event-source-mapping:{name}",
        "AWS::Lambda::Function": f"arn:aws:lambda:{here}:function:{name}",
        "AWS::Logs::LogGroup": f"arn:aws:logs:{here}:log-group:{name}:*",
        "AWS::S3::Bucket": f"arn:aws:s3:::{name}",
        "AWS::SQS::Queue": f"arn:aws:sqs:{here}:{name}",
    }
    return physical if physical.startswith("arn:") else made.get(kind, UNKNOWN)


@dataclass(frozen=True)
class Scope:
    """What one template may refer to: physical ids, parameters and pseudo parameters; attributes of its resources."""

    names: Mapping[str, str]
    attributes: Mapping[tuple[str, str], str]

    def fill(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.fill(item) for item in value if item != NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            function, argument = next(iter(value.items()))
            if function == "Ref" or function.startswith("Fn::"):
                return self._call(function, argument)
        return {name: self.fill(item) for name, item in value.items() if item != NO_VALUE}

    def _call(self, function: str, argument: Any) -> str:
        if function == "Ref":
            return self.names.get(argument, UNKNOWN)
        if function == "Fn::GetAtt":
            return self.attributes.get((argument[0], argument[1]), UNKNOWN)
        if function == "Fn::Join":
            parts = self.fill(argument[1])
            return str(argument[0]).join(map(str, parts)) if isinstance(parts, list) else UNKNOWN
        if function == "Fn::Sub" and isinstance(argument, str):
            return re.sub(r"\$\{([^!}]+)\}", lambda found: self._named(found[1]), argument)
        return UNKNOWN

    def _named(self, name: str) -> str:
        """A name inside Fn::Sub: a reference, or an attribute after a dot."""
        resource, _, attribute = name.partition(".")
        return self.attributes.get((resource, attribute), UNKNOWN) if attribute else self.names.get(resource, UNKNOWN)


def parsed(value: Any) -> Any:
    """JSON inside a string as what it says; anything else unchanged."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def matches(asked: Any, got: Any) -> bool:
    if got is None:  # asking for nothing is no different from not having it; 0 is something
        return not asked and (asked is False or not isinstance(asked, int))
    pattern = ".*".join(map(re.escape, plain(asked).split(UNKNOWN)))
    return re.fullmatch(pattern, plain(got), re.DOTALL) is not None


def unlike(asked: Any, got: Any, at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where `got` differs from `asked`: path, asked, got. What was not asked for may be anything; order is free."""
    asked, got = parsed(asked), parsed(got)
    if isinstance(asked, dict) and isinstance(got, dict):
        found = {name.lower(): value for name, value in got.items()}  # services differ in case: roleArn, RoleArn
        for name, value in asked.items():
            yield from unlike(value, found.get(name.lower()), f"{at}.{name}" if at else name)
    elif isinstance(asked, list) and isinstance(got, list):
        missing = [item for item in asked if not any(not list(unlike(item, other)) for other in got)]
        if missing or len(asked) != len(got):
            yield at, missing or asked, got
    elif isinstance(asked, list) and len(asked) == 1 and not isinstance(got, dict):
        yield from unlike(asked[0], got, at)
    elif not matches(asked, got):
        yield at, asked, got
