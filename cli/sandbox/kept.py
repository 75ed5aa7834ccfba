"""What the engine keeps and shows without acting on it, and what that means for whoever uses the sandbox."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.sandbox.resources import Difference, Resource

MEASURED = {"Invocations", "Errors", "Throttles", "Duration"}  # of AWS/Lambda; see seams/lambda_metrics.py
# What it means when the engine does not even keep a property.
DROPPED = {
    ("AWS::CloudWatch::Alarm", "Metrics"): "metric maths is worked out on AWS only: such an alarm stays as it is",
    ("AWS::StepFunctions::StateMachine", "TracingConfiguration"): "no traces are written",
}


def always(_asked: Mapping[str, Any]) -> bool:
    return True


def unmeasured(alarm: Mapping[str, Any]) -> bool:
    return alarm.get("Namespace") != "AWS/Lambda" or alarm.get("MetricName") not in MEASURED


def rotates(key: Mapping[str, Any]) -> bool:
    return bool(key["EnableKeyRotation"])


def as_json(function: Mapping[str, Any]) -> bool:
    return bool(function["LoggingConfig"].get("LogFormat") == "JSON")


def parks(rule: Mapping[str, Any]) -> bool:
    return any({"DeadLetterConfig", "RetryPolicy"} & target.keys() for target in rule["Targets"])


@dataclass(frozen=True)
class Kept:
    """Properties by type, what it means that nothing acts on them, and which resources it concerns."""

    why: str
    asks: Mapping[str, tuple[str, ...]]
    concerns: Callable[[Mapping[str, Any]], bool] = always
    subject: str = ""  # in place of the names of many properties

    def asked_by(self, resource: Resource) -> bool:
        named = any(name in resource.asked for name in self.asks.get(resource.type, ()))
        return named and self.concerns(resource.asked)


KEPT_ONLY = (
    Kept("no limit on memory", {"AWS::Lambda::Function": ("MemorySize",)}),
    Kept("no traces are written", {"AWS::Lambda::Function": ("TracingConfig",)}),
    Kept(
        "log lines stay as functions print them, of any level",
        {"AWS::Lambda::Function": ("LoggingConfig",)},
        as_json,
    ),
    Kept("runs are not logged: read their history", {"AWS::StepFunctions::StateMachine": ("LoggingConfiguration",)}),
    Kept(
        "a failing batch is retried and dropped whole",
        {"AWS::Lambda::EventSourceMapping": ("BisectBatchOnFunctionError",)},
    ),
    Kept("batches are delivered at once", {"AWS::Lambda::EventSourceMapping": ("MaximumBatchingWindowInSeconds",)}),
    Kept("a stream is read by one consumer", {"AWS::Lambda::EventSourceMapping": ("ParallelizationFactor",)}),
    Kept(
        "an event that cannot be delivered is lost, neither retried nor parked",
        {"AWS::Events::Rule": ("Targets",), "AWS::Events::EventBus": ("DeadLetterConfig",)},
        lambda asked: "Targets" not in asked or parks(asked),
        subject="undelivered events",
    ),
    Kept(
        "these alarms stay as they are: only functions' invocations, errors, throttles and durations are measured",
        {"AWS::CloudWatch::Alarm": ("MetricName",)},
        unmeasured,
    ),
    Kept("all evaluation periods are judged as one", {"AWS::CloudWatch::Alarm": ("DatapointsToAlarm",)}),
    Kept("keys never rotate", {"AWS::KMS::Key": ("EnableKeyRotation",)}, rotates),
    Kept(
        "nothing is encrypted at rest",
        {
            "AWS::DynamoDB::Table": ("SSESpecification",),
            "AWS::DynamoDB::GlobalTable": ("SSESpecification",),
            "AWS::Logs::LogGroup": ("KmsKeyId",),
            "AWS::S3::Bucket": ("BucketEncryption",),
            "AWS::SNS::Topic": ("KmsMasterKeyId",),
            "AWS::SQS::Queue": ("KmsMasterKeyId", "SqsManagedSseEnabled"),
        },
        subject="encryption",
    ),
    Kept(
        "nothing expires or moves: it lives as long as the sandbox",
        {
            "AWS::Events::Archive": ("RetentionDays",),
            "AWS::Logs::LogGroup": ("RetentionInDays",),
            "AWS::S3::Bucket": ("LifecycleConfiguration",),
        },
        subject="retention",
    ),
    Kept(
        "a restored table holds what the first holds now, whatever the time asked for",
        {"AWS::DynamoDB::Table": ("PointInTimeRecoverySpecification",)},
    ),
)

UNASKED = {
    "AWS::IAM::Role": ("AssumeRolePolicyDocument",),
    "AWS::KMS::Key": ("KeyPolicy",),
}
POLICIES = {
    "AWS::IAM::ManagedPolicy": ("PolicyDocument",),
    "AWS::IAM::Policy": ("PolicyDocument",),
    "AWS::IAM::Role": ("AssumeRolePolicyDocument", "Policies", "PermissionsBoundary"),
    "AWS::KMS::Key": ("KeyPolicy",),
    "AWS::Lambda::Permission": ("Action",),
    "AWS::S3::BucketPolicy": ("PolicyDocument",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
}
FREE = Kept("permissions are not enforced", POLICIES, subject="policies")
ENFORCED = Kept(
    "what services do of themselves (poll, park, page, encrypt, assume) is asked of no policy; everything else is",
    UNASKED,
    subject="policies",
)


def kept_only(resources: list[Resource], *, iam: bool) -> Iterator[Difference]:
    """One line for each thing that is kept without effect, naming the kinds of resources that ask for it."""
    for kept in (*KEPT_ONLY, ENFORCED if iam else FREE):
        asking = [resource for resource in resources if kept.asked_by(resource)]
        if asking:
            kinds = sorted({resource.type for resource in asking})
            names = sorted({name for each in asking for name in kept.asks[each.type] if name in each.asked})
            asked = f"{', '.join(names)} in force" if kept.subject else "in force"
            subject = kept.subject or ", ".join(names)
            yield Difference(several(asking), ", ".join(kinds), subject, asked, "kept, no effect", kept.why)


def several(resources: list[Resource]) -> str:
    """`9 x Role`; many kinds are not named."""
    kinds = sorted({resource.type.rsplit("::", 1)[-1] for resource in resources})
    return f"{len(resources)} x {', '.join(kinds)}" if len(kinds) <= 3 else f"{len(resources)} resources"
