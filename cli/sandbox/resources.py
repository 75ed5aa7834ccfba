"""The deployed resources with what their templates asked for, and the difference between that and what there is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.sandbox.deploy import ACCOUNT, REGION, Clients
from cli.sandbox.resolve import UNKNOWN, Scope, arn_of

PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
# What Fn::GetAtt gives besides ARNs.
ATTRIBUTES: Mapping[tuple[str, str], Callable[[Clients, str], str]] = {
    ("AWS::SQS::Queue", "QueueName"): lambda _clients, url: url.rsplit("/", 1)[-1],
    ("AWS::DynamoDB::Table", "StreamArn"): lambda clients, name: str(
        clients("dynamodb").describe_table(TableName=name)["Table"].get("LatestStreamArn", UNKNOWN)
    ),
}


@dataclass(frozen=True)
class Difference:
    """One way in which the sandbox is not what the template asked for. `resource` may stand for many of a kind."""

    resource: str
    type: str
    property: str
    asked: str
    got: str
    why: str


@dataclass(frozen=True)
class Resource:
    """One resource of a deployed stack, with the properties its template asked for."""

    stack: str
    name: str
    type: str
    physical: str
    status: str
    asked: dict[str, Any]

    @property
    def arn(self) -> str:
        return arn_of(self.type, self.physical, self.asked, REGION, ACCOUNT)

    def differs(self, path: str, asked: object, got: object, why: str) -> Difference:
        shown = str(asked).replace(UNKNOWN, "...")
        return Difference(f"{self.stack}/{self.name}", self.type, path, shown, str(got), why)


def resources_of(stack: Mapping[str, Any], clients: Clients) -> Iterator[Resource]:
    """The stack's resources in the order of its template."""
    cloudformation, name = clients("cloudformation"), stack["StackName"]
    template = cloudformation.get_template(StackName=name)["TemplateBody"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    listed = {found["LogicalResourceId"]: found for page in pages for found in page["StackResourceSummaries"]}
    made = {logical: found["PhysicalResourceId"] for logical, found in listed.items() if "PhysicalResourceId" in found}
    given = {
        each["ParameterKey"]: each.get("ResolvedValue", each["ParameterValue"]) for each in stack.get("Parameters", ())
    }
    pseudo = {**PSEUDO, "AWS::StackName": name, "AWS::StackId": stack["StackId"]}
    scope = Scope({**pseudo, **given, **made}, attributes_of(template, made, clients))
    for logical, resource in template["Resources"].items():
        if logical in made and resource["Type"] != "AWS::CDK::Metadata":
            asked = scope.fill(resource.get("Properties", {}))
            status = listed[logical]["ResourceStatus"]
            yield Resource(name, logical, resource["Type"], made[logical], status, asked)


def attributes_of(template: Mapping[str, Any], made: Mapping[str, str], clients: Clients) -> dict[tuple[str, str], str]:
    """What Fn::GetAtt gives, as far as it is known, by logical id and attribute."""
    found = {}
    for logical, physical in made.items():
        resource = template["Resources"][logical]
        kind, asked = resource["Type"], resource.get("Properties", {})
        found[logical, "Arn"] = arn_of(kind, physical, asked, REGION, ACCOUNT)
        for (owner, attribute), get in ATTRIBUTES.items():
            if owner == kind:
                found[logical, attribute] = get(clients, physical)
    return found
