"""The prover: roles as they were synthesized, and whether they allow what was needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.estate import ACCOUNT
from tests.infra.reading import Assembly
from tests.proof.needs import ANCHOR_KEY, EXPORT, KEY, PAGE_KEY, Need, here
from tests.proof.statements import VIA, Context, Grant, NotModelled, Statement

STREAM = here("dynamodb", "table/edsr-audit/stream/1")
TOLD = {"AWS::Partition": "aws", "KeyArn": KEY, "ExportBucket": EXPORT, "AuditStream": STREAM} | {
    "AnchorKeyArn": ANCHOR_KEY,
    "ResultsBucket": "edsr-results",
}
"""What the templates are told when they are deployed, by the names of their parameters."""

ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}

Properties = dict[str, Any]
ATTACHED = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
OF_RESOURCES = ("AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy")


@dataclass(frozen=True)
class Role:
    """A role, its statements, and those of its boundary."""

    arn: str
    granted: tuple[Statement, ...]
    boundary: tuple[Statement, ...]

    @property
    def grants(self) -> set[Grant]:
        """Every action on every resource that it allows."""
        return {grant for statement in self.granted if statement.allows for grant in statement.grants()}


@dataclass(frozen=True)
class Account:
    """The suite as it is deployed, as IAM sees it."""

    assembly: Assembly

    def role_of(self, actor: str) -> Role:
        """The role of a function or of the state machine, by its name."""
        for item in self._all.values():
            said = item.get("Properties", {})
            if item["Type"] == "AWS::Lambda::Function" and said["FunctionName"] == actor:
                return self._role(said["Role"])
            if item["Type"] == "AWS::StepFunctions::StateMachine" and said["StateMachineName"] == actor:
                return self._role(said["RoleArn"])
        raise NotModelled(f"nothing is called {actor}")

    def allowed(self, role: Role, need: Need) -> set[Grant]:
        """The grants by which a role may do it; empty when it may not.

        No Deny may apply, of the role, its boundary or the resource; the role and the boundary must both allow; and
        a key must leave it to IAM.
        """
        context: Context = {
            VIA: need.via or None,
            "aws:PrincipalArn": role.arn,
            "aws:SecureTransport": "true",
            "dynamodb:LeadingKeys": None,  # which partitions are touched is proven by itself
            "lambda:FunctionArn": here("lambda", "function:orders"),  # that the mappings of the estate call
            "s3:TlsVersion": "1.3",
        }
        for statement in (*role.granted, *role.boundary, *self._of_resources):
            if not statement.allows and statement.matching(need, context):
                return set()
        if not any(statement.allows and statement.matching(need, context) for statement in role.boundary):
            return set()
        if need.action.startswith("kms:") and not self._key_leaves_it_to_iam:
            return set()
        return {grant for statement in role.granted if statement.allows for grant in statement.matching(need, context)}

    def resolved(self, value: Any) -> Any:
        """A value with its references as AWS would fill them in."""
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Ref"}:
            return self._ref(value["Ref"])
        if set(value) == {"Fn::GetAtt"}:
            return self._attribute(*value["Fn::GetAtt"])
        if set(value) == {"Fn::Join"}:
            separator, parts = value["Fn::Join"]
            return separator.join(self.resolved(parts))
        if any(name.startswith("Fn::") for name in value):
            raise NotModelled(f"{value}")
        return {name: self.resolved(item) for name, item in value.items()}

    @cached_property
    def _all(self) -> dict[str, dict[str, Any]]:
        """Every resource of both templates, unresolved."""
        return {name: item for template in self.assembly.templates for name, item in template.resources().items()}

    @cached_property
    def _of_resources(self) -> list[Statement]:
        """What queues and the bucket deny to everyone; what they deny or allow to services is about others."""
        statements = [
            Statement(self.resolved(said))
            for item in self._all.values()
            if item["Type"] in OF_RESOURCES
            for said in item["Properties"]["PolicyDocument"]["Statement"]
        ]
        return [statement for statement in statements if not statement.allows and statement.for_everyone]

    @cached_property
    def _key_leaves_it_to_iam(self) -> bool:
        keys = self.assembly.stateful.resources("AWS::KMS::Key").values()
        said = [self.resolved(statement) for key in keys for statement in key["Properties"]["KeyPolicy"]["Statement"]]
        return any(
            item["Effect"] == "Allow" and item["Principal"] == ROOT and item["Action"] == "kms:*" for item in said
        )

    def _role(self, reference: Any) -> Role:
        name = reference["Fn::GetAtt"][0]
        said = self._all[name]["Properties"]
        documents = [policy["PolicyDocument"] for policy in said.get("Policies", [])]
        documents += [item["PolicyDocument"] for item in self._attached(name)]
        limit = self._all[said["PermissionsBoundary"]["Ref"]]["Properties"]["PolicyDocument"]
        return Role(self.resolved(reference), self._statements(documents), self._statements([limit]))

    def _attached(self, role: str) -> Iterator[Properties]:
        for item in self._all.values():
            if item["Type"] in ATTACHED and {"Ref": role} in item["Properties"].get("Roles", []):
                yield item["Properties"]

    def _statements(self, documents: list[Properties]) -> tuple[Statement, ...]:
        return tuple(Statement(self.resolved(said)) for document in documents for said in document["Statement"])

    def _ref(self, name: str) -> str:
        if name in TOLD:
            return TOLD[name]
        raise NotModelled(f"the reference {name}")

    def _attribute(self, name: str, attribute: str) -> str:
        """The ARNs of the resources that policies are about."""
        if attribute != "Arn":
            raise NotModelled(f"{name}.{attribute}")
        said = self._all[name].get("Properties", {})
        match self._all[name]["Type"]:
            case "AWS::SQS::Queue":
                return here("sqs", said["QueueName"])
            case "AWS::Lambda::Function":
                return here("lambda", f"function:{said['FunctionName']}")
            case "AWS::Logs::LogGroup":
                return here("logs", f"log-group:{said['LogGroupName']}:*")
            case "AWS::IAM::Role":
                return f"arn:aws:iam::{ACCOUNT}:role{said['Path']}{name}"
            case "AWS::KMS::Key" if said.get("KeySpec") == "HMAC_256":
                return PAGE_KEY
            case "AWS::S3::Bucket":
                return f"arn:aws:s3:::{EXPORT}"
            case kind:
                raise NotModelled(f"the ARN of {kind}")
