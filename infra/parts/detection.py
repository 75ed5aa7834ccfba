"""Detection: each policy's rules, on the buses of its events; one function by source, one queue for its failures."""

from collections.abc import Sequence

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct, IDependable

from edsr.metrics import NAMESPACE
from infra.catalogue import Entry
from infra.parts.buses import DEFAULT
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.names import BUS
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters
from infra.parts.rules import Rule, able


class Detection(Construct):
    """One source: its policies' rules, the detector they invoke, and where events end that it could not handle."""

    def __init__(
        self,
        scope: Construct,
        deployment: Deployment,
        source: str,
        detector: Entry,
        owned: Sequence[Rule],
        pages: Pages,
        bus: IDependable,
    ) -> None:
        super().__init__(scope, source.title().replace("-", ""))
        self._bus = bus
        places = {"Rules": deployment.places.rule(f"edsr-{source}-*")}
        if any(rule.bus == BUS for rule in owned):
            places["RulesOfTheSuitesBus"] = deployment.places.rule(f"{BUS}/edsr-{source}-*")
        about = f"events of {source} that were not looked at"
        self._dead = dead_letters(self, f"edsr-detect-{source}-dlq", pages, about, [*places.values()])
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self._dead.queue_arn])
        self.detector = SuiteFunction(self, deployment, able(detector, owned), wiring=[send])
        self.detector.fails_into(self._dead)
        for identity, rules in places.items():
            self.detector.invoked_by(identity, rules, deployment.config.account)
        for rule in owned:
            self._rule(rule)

    def _rule(self, rule: Rule) -> None:
        own = rule.bus != DEFAULT
        made = events.CfnRule(
            self,
            rule.name.removeprefix(f"edsr-{rule.source}-") + (f"-on-{rule.bus}" if own else ""),
            name=rule.name,
            event_bus_name=rule.bus if own else None,
            description=rule.policy.title,
            event_pattern=rule.pattern,
            state=rule.state,
            targets=[
                events.CfnRule.TargetProperty(
                    id="detector",
                    arn=self.detector.function.function_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._dead.queue_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=3600, maximum_retry_attempts=100
                    ),
                    input_transformer=events.CfnRule.InputTransformerProperty(input_template=rule.input),
                )
            ],
        )
        if own:
            made.node.add_dependency(self._bus)


def watch_learning(pages: Pages) -> None:
    """Page when what was learned is lost: until it is learned again, whatever the numbers do, nobody is told."""
    pages.alarm(
        "series-begun-anew",
        "A policy learns a series anew and is silent until then: what it knew cannot be read, or was of other numbers",
        namespace=NAMESPACE,
        metric_name="BegunAnew",
        dimensions={"service": "edsr"},
        statistic="Sum",
    )
