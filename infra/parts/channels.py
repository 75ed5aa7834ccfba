"""Channels: a rule for each, which takes the notices that it wants to where its people are."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from edsr.notices import SOURCE
from infra.config.channels import Channel, Email, OpsItem, PagerDuty, Slack, Webhook
from infra.parts.function import INLINE, Deployment
from infra.parts.messages import Message, body, delivered, lines
from infra.parts.nag import acknowledge
from infra.parts.names import BUS, CHANNELS, ROLES
from infra.parts.pages import Pages

RATE = 5
"""Requests a second to one endpoint; what is more waits."""

DETAILS = (
    "reason",
    "answer",
    "context",
    "side_effects",
    "audit",
    "runbook",
    "postmortem",
    "policy",
    "subject",
    "correlation_id",
    "incident_id",
)
LINES = (
    "<headline>",
    "Reason: <reason>",
    "Answer: <answer>",
    "Context: <context>",
    "Done so far: <side_effects>",
    "Runbook: <runbook>. Postmortem: <postmortem>",
    "Policy <policy> on <subject>, <incidents> incident(s) of <group>",
    "Audit: <audit>. Correlation id <correlation_id>, incident <incident_id>",
)
"""A notice as a message of plain text."""

PAGERDUTY = {
    "event_action": "<action>",
    "dedup_key": "<notice>",
    "payload": {
        "summary": "<headline>",
        "source": "<subject>",
        "severity": "<urgency>",
        "component": "<service>",
        "group": "<group>",
        "class": "<policy>",
        "custom_details": {name: f"<{name}>" for name in DETAILS},
    },
}
FIELDS = ("reason", "answer", "side_effects", "runbook", "postmortem", "audit", "correlation_id")
SLACK = {
    "text": "EDSR",
    "blocks": [
        {"type": "section", "text": {"type": "plain_text", "text": "<headline>"}},
        *(
            {
                "type": "section",
                "fields": [
                    {"type": "plain_text", "text": name.replace("_", " ").capitalize()},
                    {"type": "plain_text", "text": f"<{name}>"},
                ],
            }
            for name in FIELDS
        ),
    ],
}
"""Plain text everywhere: what others wrote mentions nobody and links nowhere."""
OPSITEM = {
    "title": "<headline>",
    "description": "<reason>",
    "source": "EDSR",
    "category": "Availability",
    "severity": "2",
    "operationalData": {
        **{name: {"type": "String", "value": f"<{name}>"} for name in DETAILS},
        "/aws/dedup": {"type": "SearchableString", "value": json.dumps({"dedupString": "<notice>"})},
    },
}


class Endpoint(Construct):
    """A channel's rule, and what the rule needs to reach its people."""

    def __init__(
        self, scope: Construct, name: str, channel: Channel, deployment: Deployment, pages: Pages, dead: sqs.IQueue
    ) -> None:
        super().__init__(scope, "".join(part.title() for part in name.split("-")))
        self._deployment, self._pages, self._dead = deployment, pages, dead
        self._name = f"{CHANNELS}{name}"
        target = self._target(channel)
        self.rule = events.CfnRule(
            self,
            "Rule",
            name=self._name,
            description=f"Tells people: {channel.kind}",
            event_bus_name=BUS,
            event_pattern=pattern(channel),
            state="ENABLED",
            targets=[target],
        )

    def _target(self, channel: Channel) -> events.CfnRule.TargetProperty:
        match channel:
            case Email():
                return self._to(self._topic(channel).topic_arn, lines(LINES))
            case PagerDuty():
                return self._post(channel.url, channel.secret, body(PAGERDUTY), routing_key=True)
            case Slack():
                return self._post(channel.url, channel.secret, body(SLACK | {"channel": channel.channel}))
            case Webhook():
                return self._post(channel.url, channel.secret, None)
            case OpsItem():
                items = self._deployment.places.here("ssm", "opsitem")
                role = self._role({"ssm:CreateOpsItem": f"{items}/*"})
                return self._to(items, body(OPSITEM), role)

    def _to(self, arn: str, message: Message | None, role: iam.Role | None = None) -> events.CfnRule.TargetProperty:
        return delivered("people", arn, self._dead.queue_arn, message, role.role_arn if role else None)

    def _topic(self, channel: Email) -> sns.Topic:
        """A topic of its own, under the key of the pages; only its rule publishes."""
        topic = sns.Topic(
            self, "Topic", topic_name=self._name, display_name="EDSR", enforce_ssl=True, master_key=self._pages.key
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="ItsRule",
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"ArnEquals": {"aws:SourceArn": self._deployment.places.rule(f"{BUS}/{self._name}")}},
            )
        )
        for number, address in enumerate(channel.to):
            sns.Subscription(
                self,
                f"Email{number}",
                topic=topic,
                protocol=sns.SubscriptionProtocol.EMAIL,
                endpoint=address,
            )
        return topic

    def _post(
        self,
        url: str,
        secret: str,
        message: Message | None,
        *,
        routing_key: bool = False,
    ) -> events.CfnRule.TargetProperty:
        """To an HTTPS endpoint, with a secret that stays in Secrets Manager and in EventBridge's own copy of it."""
        value = f"{{{{resolve:secretsmanager:{secret}}}}}"
        body = events.CfnConnection.ConnectionHttpParametersProperty(
            body_parameters=[
                events.CfnConnection.ParameterProperty(key="routing_key", value=value, is_value_secret=True)
            ]
        )
        connection = events.CfnConnection(
            self,
            "Connection",
            name=self._name,
            description="How the channel is let in",
            authorization_type="API_KEY",
            auth_parameters=events.CfnConnection.AuthParametersProperty(
                api_key_auth_parameters=events.CfnConnection.ApiKeyAuthParametersProperty(
                    api_key_name="X-Routing-Key" if routing_key else "Authorization", api_key_value=value
                ),
                invocation_http_parameters=body if routing_key else None,
            ),
        )
        destination = events.CfnApiDestination(
            self,
            "Destination",
            name=self._name,
            description="Where the channel's people are told",
            connection_arn=connection.attr_arn,
            http_method="POST",
            invocation_endpoint=url,
            invocation_rate_limit_per_second=RATE,
        )
        role = self._role({"events:InvokeApiDestination": destination.attr_arn})
        return self._to(destination.attr_arn, message, role)

    def _role(self, allowed: Mapping[str, str]) -> iam.Role:
        grants = [iam.PolicyStatement(actions=[action], resources=[on]) for action, on in allowed.items()]
        rule = self._deployment.places.rule(f"{BUS}/{self._name}")
        role = iam.Role(
            self,
            "Role",
            path=ROLES,
            description=f"What the rule {self._name} may do: tell people",
            assumed_by=iam.ServicePrincipal("events.amazonaws.com", conditions={"ArnEquals": {"aws:SourceArn": rule}}),
            permissions_boundary=self._deployment.boundary,
            inline_policies={"tells": iam.PolicyDocument(statements=grants)},
        )
        acknowledge(role, {"NIST.800.53.R5-IAMNoInlinePolicy": INLINE})
        return role


def pattern(channel: Channel) -> dict[str, Any]:
    """The notices that a channel wants, and the one that proves it works, whatever it wants."""
    wanted = channel.wanted()
    if not wanted:
        return {"source": [SOURCE]}
    return {"source": [SOURCE], "detail": {"data": {"$or": [wanted, {"synthetic": [True]}]}}}
