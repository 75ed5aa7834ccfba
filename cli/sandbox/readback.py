"""Read back what the templates asked for: set what was dropped, and name every difference that remains."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cli.sandbox.amend import AMENDS
from cli.sandbox.deploy import ACCOUNT, REGION, Clients
from cli.sandbox.readers import READERS
from cli.sandbox.resolve import UNKNOWN, Scope, arn_of, unlike

PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
# Never readable, on AWS neither: what was uploaded, and what only concerns deletion or the template itself.
WRITTEN_ONLY = {
    "AWS::Lambda::Function": {"Code"},
    "AWS::Lambda::LayerVersion": {"Content"},
    "AWS::StepFunctions::StateMachine": {"DefinitionS3Location"},
    "AWS::CloudFormation::Stack": {"TemplateURL"},
    "AWS::KMS::Key": {"PendingWindowInDays"},
}
# Kept and shown by the API, but nothing acts on it.
KEPT_ONLY = {
    ("AWS::Lambda::Function", "MemorySize"): "no limit on memory",
    ("AWS::Lambda::Function", "TracingConfig"): "no traces are written",
    ("AWS::Lambda::EventSourceMapping", "BisectBatchOnFunctionError"): "a failing batch is retried and dropped whole",
    ("AWS::Lambda::EventSourceMapping", "MaximumBatchingWindowInSeconds"): "batches are delivered at once",
    ("AWS::Lambda::EventSourceMapping", "ParallelizationFactor"): "a stream is read by one consumer",
    ("AWS::CloudWatch::Alarm", "DatapointsToAlarm"): "all evaluation periods are judged as one",
    ("AWS::KMS::Key", "EnableKeyRotation"): "keys never rotate",
    ("AWS::Logs::LogGroup", "RetentionInDays"): "logs live as long as the sandbox",
    ("AWS::IAM::Role", "AssumeRolePolicyDocument"): "permissions are not enforced",
    ("AWS::IAM::Policy", "PolicyDocument"): "permissions are not enforced",
    ("AWS::IAM::ManagedPolicy", "PolicyDocument"): "permissions are not enforced",
}


@dataclass(frozen=True)
class Difference:
    """One way in which the sandbox is not what the template asked for."""

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
    asked: dict[str, Any]

    def differs(self, path: str, asked: object, got: object, why: str) -> Difference:
        shown = str(asked).replace(UNKNOWN, "...")
        return Difference(f"{self.stack}/{self.name}", self.type, path, shown, str(got), why)


def resources_of(stack: Mapping[str, Any], clients: Clients) -> Iterator[Resource]:
    """The stack's resources in the order of its template."""
    cloudformation, name = clients("cloudformation"), stack["StackName"]
    template = cloudformation.get_template(StackName=name)["TemplateBody"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    listed = [found for page in pages for found in page["StackResourceSummaries"]]
    physical = {found["LogicalResourceId"]: found["PhysicalResourceId"] for found in listed}
    given = {
        each["ParameterKey"]: each.get("ResolvedValue", each["ParameterValue"]) for each in stack.get("Parameters", ())
    }
    arns = {
        logical: arn_of(resource["Type"], physical[logical], resource.get("Properties", {}), REGION, ACCOUNT)
        for logical, resource in template["Resources"].items()
        if logical in physical
    }
    pseudo = {**PSEUDO, "AWS::StackName": name, "AWS::StackId": stack["StackId"]}
    scope = Scope({**pseudo, **given, **physical}, arns)
    for logical, resource in template["Resources"].items():
        if logical in physical and resource["Type"] != "AWS::CDK::Metadata":
            asked = scope.fill(resource.get("Properties", {}))
            yield Resource(name, logical, resource["Type"], physical[logical], asked)


def read(resource: Resource, clients: Clients) -> list[Difference]:
    """Where the engine differs from what this resource asked for."""
    reader = READERS.get(resource.type)
    if reader is None:
        return [resource.differs("", "", "", "not read back")]
    try:
        got = reader(clients, resource.physical, resource.asked)
    except ClientError as error:
        return [resource.differs("", "", "", f"cannot be read back: {error}")]
    skipped = WRITTEN_ONLY.get(resource.type, set())
    asked = {name: value for name, value in resource.asked.items() if name not in skipped}
    return [resource.differs(*found, "dropped or changed by the engine") for found in unlike(asked, got)]


def amended(resource: Resource, found: list[Difference], clients: Clients) -> list[Difference]:
    """Set what was dropped and can be set; what still differs then."""
    tops = dict.fromkeys(difference.property.split(".")[0] for difference in found)
    amends = {
        name: AMENDS[resource.type, name]
        for name in tops
        if (resource.type, name) in AMENDS and UNKNOWN not in str(resource.asked[name])
    }
    refused = []
    for name, amend in amends.items():
        try:
            amend(clients, resource.physical, resource.asked[name])
        except ClientError as error:
            refused.append(resource.differs(name, resource.asked[name], "", f"cannot be set: {error}"))
    again = read(resource, clients) if amends else found
    said = {difference.property for difference in refused}
    return refused + [difference for difference in again if difference.property.split(".")[0] not in said]


def kept_only(resources: list[Resource]) -> Iterator[Difference]:
    """What the engine keeps without acting on it, once for all resources of a type."""
    for (kind, name), why in KEPT_ONLY.items():
        asking = [resource for resource in resources if resource.type == kind and name in resource.asked]
        if asking:
            yield Difference(f"every one that asks ({len(asking)})", kind, name, "in force", "kept only", why)


def host(resources: list[Resource], runtime: str, architecture: str) -> Iterator[Difference]:
    """Functions run under the engine's own interpreter, whatever they ask for."""
    functions = [resource for resource in resources if resource.type == "AWS::Lambda::Function"]
    for name, default, got in (("Runtime", "", runtime), ("Architectures", ["x86_64"], [architecture])):
        for asked in dict.fromkeys(str(resource.asked.get(name, default)) for resource in functions):
            if asked != str(got):
                why = "functions run on this host, under the engine's interpreter"
                yield Difference("every function", "AWS::Lambda::Function", name, asked, str(got), why)


def readback(clients: Clients, runtime: str, architecture: str) -> list[Difference]:
    """Compare everything deployed with its templates. `runtime` and `architecture` are what functions really get."""
    stacks = clients("cloudformation").describe_stacks()["Stacks"]
    resources = [resource for stack in stacks for resource in resources_of(stack, clients)]
    differences: list[Difference] = []
    for resource in resources:
        found = read(resource, clients)
        differences += amended(resource, found, clients) if found else []
    return [*differences, *host(resources, runtime, architecture), *kept_only(resources)]
