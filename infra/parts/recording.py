"""Recording: the audit's stream is the outbox; what it says is exported, announced on the bus, and may page."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from edsr.metrics import NAMESPACE
from edsr.notices import where_to_answer
from edsr.protocol.consequences import BRAKE
from edsr.protocol.controls import ALL
from infra.catalogue import Entry
from infra.parts.function import Deployment, SuiteFunction, explain_star
from infra.parts.nag import acknowledge
from infra.parts.names import BUS
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters

BATCH = 100
RETRIES = 5
ARCHIVED_DAYS = 30
ITERATOR_AGE = 60_000
"""Milliseconds that the audit may run ahead of its export."""

WRITTEN = ("audit", "postmortems")
"""Where in the export's bucket record writes."""

INCIDENT = (
    "EDSR <state>: <title>",
    "Policy <policy> on <subject>",
    "Reason: <reason>",
    "Context: <context>",
    "Runbook: <runbook>",
    "Postmortem: <postmortem>",
    "Incident <incident_id>",
)
HARM = ("EDSR made it worse: <title>", *INCIDENT[1:])
DECISION = (
    "EDSR asks for a person: <title>",
    "Policy <policy> on <subject>",
    "Reason: <reason>",
    "Runbook: <runbook>",
    "Incident <incident_id>",
)


class Bus(Construct):
    """The bus `edsr`: what the suite announces, kept for a month."""

    def __init__(self, scope: Construct, deployment: Deployment, pages: Pages) -> None:
        super().__init__(scope, "Bus")
        sources = [deployment.places.rule(f"{BUS}/*"), deployment.places.bus]
        self.dead = dead_letters(self, "edsr-bus-dlq", pages, "announcements that were not delivered", sources)
        self.bus = events.CfnEventBus(
            self,
            "Bus",
            name=BUS,
            description="What the suite announces",
            dead_letter_config=events.CfnEventBus.DeadLetterConfigProperty(arn=self.dead.queue_arn),
        )
        events.CfnArchive(
            self,
            "Archive",
            archive_name="edsr",
            source_arn=self.bus.attr_arn,
            retention_days=ARCHIVED_DAYS,
            event_pattern={"source": ["edsr"]},
        )

    def pages_for_people(self, pages: Pages, page: str) -> None:
        """An incident that did not end well, and what the suite leaves to a person: a decision, an approval, a stop.
        What recovered by itself pages nobody, nor does what a storm held that somebody was told of. `page` is where
        approvals are answered, if there is a page."""
        alone = [{"exists": False}]
        closed = {
            "detail-type": ["Incident Closed"],
            "detail": {
                "data": {
                    "state": ["ESCALATED", "REVERTED", "ABORTED"],
                    "recovered": alone,
                    "storm": alone,
                    "harm": {"reason": alone},
                }
            },
        }
        decided = {"detail-type": ["Decision Made"], "detail": {"data": {"verdict": ["escalate"]}}}
        asked = {"detail-type": ["Approval Requested"]}
        stopped = {"detail-type": ["Control Changed"], "detail": {"data": {"by": [BRAKE], "scope": [ALL]}}}
        harmful = {"detail-type": ["Incident Closed"], "detail": {"data": {"harm": {"reason": [{"exists": True}]}}}}
        pages.when("incident-closed", closed, INCIDENT, self.dead).add_resource_dependency(self.bus)
        pages.when("decision-escalated", decided, DECISION, self.dead).add_resource_dependency(self.bus)
        pages.when("automation-harmed", harmful, HARM, self.dead).add_resource_dependency(self.bus)
        answer = f"Answer: {where_to_answer(page, '<incident_id>')}"
        pages.when("approval-requested", asked, (*DECISION, answer), self.dead).add_resource_dependency(self.bus)
        pages.when("automation-stopped", stopped, DECISION, self.dead).add_resource_dependency(self.bus)


class Recording(Construct):
    """Record, fed by the audit's stream: in order, stopping at the first failure, giving up to a queue."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, pages: Pages) -> None:
        super().__init__(scope, "Recording")
        dead = dead_letters(self, "edsr-record-dlq", pages, "parts of the audit that were not exported")
        self.record = SuiteFunction(self, deployment, entry, wiring=self._wiring(dead))
        explain_star(self.record.role, "Lambda lists streams to find the audit's; ListStreams has no resource")
        why = "Record writes an object for each part of the audit, and each draft, under names it works out"
        places = [f"arn:<AWS::Partition>:s3:::<ExportBucket>/{part}/*" for part in WRITTEN]  # as cdk-nag writes them
        acknowledge(self.record.role, {f"AwsSolutions-IAM5[Resource::{place}]": why for place in places})
        self._mapping(deployment, dead)
        self._watch(pages)

    def _wiring(self, dead: sqs.IQueue) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(actions=["dynamodb:ListStreams"], resources=["*"]),
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead.queue_arn]),
        ]

    def _mapping(self, deployment: Deployment, dead: sqs.IQueue) -> None:
        lambda_.CfnEventSourceMapping(
            self,
            "AuditStream",
            function_name=self.record.function.function_arn,
            event_source_arn=deployment.places.audit_stream,
            starting_position="TRIM_HORIZON",
            batch_size=BATCH,
            maximum_batching_window_in_seconds=deployment.config.stream_window_seconds,
            function_response_types=["ReportBatchItemFailures"],
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=RETRIES,
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=dead.queue_arn)
            ),
        )

    def _watch(self, pages: Pages) -> None:
        pages.alarm(
            "record-age",
            f"The audit runs ahead of its export by more than {ITERATOR_AGE // 1000} seconds",
            namespace="AWS/Lambda",
            metric_name="IteratorAge",
            dimensions={"FunctionName": self.record.entry.name},
            above=ITERATOR_AGE,
        )
        pages.alarm(
            "audit-tampered",
            "A row of the audit was changed or removed by hand",
            namespace=NAMESPACE,
            metric_name="AuditTampered",
            dimensions={"service": "edsr"},
            statistic="Sum",
        )
