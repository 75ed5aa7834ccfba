"""Burn rates: for each objective the alarms that say that its error budget burns, out of the figures decide reads."""

from collections.abc import Iterable
from decimal import Decimal

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from edsr.budget import BURN_ALARM, FAST, PAIRS, Pair
from edsr.policy import Objective
from edsr.policy.objectives import Metric
from edsr.policy.words import number_text
from infra.parts.nag import acknowledge
from infra.parts.pages import Pages

HALF = "It is half of a composite alarm: alone it says nothing that anybody should be told"
SLOW = "It wakes nobody: at this rate days are left; policies and dashboards look at it"
UNANSWERED = "NIST.800.53.R5-CloudWatchAlarmAction"


def burn_rates(scope: Construct, objectives: Iterable[Objective], pages: Pages) -> None:
    """The alarms of every objective."""
    for objective in objectives:
        BurnRates(scope, objective, pages)


def alarm_name(objective: Objective, pair: Pair) -> str:
    """`edsr-burn-<objective>-fast`, `-sustained`: what a policy's pattern names as detail.alarmName."""
    return BURN_ALARM.format(objective=objective.id, pair=pair.name)


def window_name(objective: Objective, pair: Pair, seconds: int) -> str:
    """`edsr-burn-<objective>-fast-5m`: one window of a pair."""
    return f"{alarm_name(objective, pair)}-{f'{seconds // 3600}h' if seconds >= 3600 else f'{seconds // 60}m'}"


class BurnRates(Construct):
    """Two composite alarms for an objective, each over a short and a long window; only the fast one pages."""

    def __init__(self, scope: Construct, objective: Objective, pages: Pages) -> None:
        super().__init__(scope, f"BurnRate-{objective.id}")
        for pair in PAIRS:
            self._pair(objective, pair, pages)

    def _pair(self, objective: Objective, pair: Pair, pages: Pages) -> None:
        halves = [self._window(objective, pair, int(span.total_seconds())) for span in (pair.short, pair.long)]
        told = [pages.topic.topic_arn] if pair is FAST else []
        both = cloudwatch.CfnCompositeAlarm(
            self,
            pair.name.title(),
            alarm_name=alarm_name(objective, pair),
            alarm_description=f"{objective.title}: the error budget burns more than {pair.alarm} times too fast",
            alarm_rule=" AND ".join(f'ALARM("{half.alarm_name}")' for half in halves),
            actions_enabled=True,
            alarm_actions=told,
            ok_actions=told,
        )
        for half in halves:
            both.add_resource_dependency(half)
        if not told:
            acknowledge(both, {UNANSWERED: SLOW})

    def _window(self, objective: Objective, pair: Pair, seconds: int) -> cloudwatch.CfnAlarm:
        """Without figures it stays quiet: nobody calls the service, so nobody is harmed."""
        name = window_name(objective, pair, seconds)
        half = cloudwatch.CfnAlarm(
            self,
            "".join(part.title() for part in name.removeprefix(f"edsr-burn-{objective.id}-").split("-")),
            alarm_name=name,
            alarm_description=f"{objective.title}: how fast the error budget burns",
            metrics=[
                _metric("total", objective.indicator.total, seconds),
                _metric("part", objective.indicator.part, seconds),
                cloudwatch.CfnAlarm.MetricDataQueryProperty(
                    id="burn", label="burn rate", expression=expression(objective), return_data=True
                ),
            ],
            threshold=int(pair.alarm),
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            treat_missing_data="notBreaching",
        )
        acknowledge(half, {UNANSWERED: HALF})
        return half


def expression(objective: Objective) -> str:
    """The burn rate in metric maths: a metric without figures beside a total that has some counts as nothing."""
    part = "FILL(part, 0)"
    bad = part if objective.indicator.bad else f"(total - {part})"
    return f"{bad} / total / {share(objective)}"


def share(objective: Objective) -> str:
    """The share of events that may be bad, as a decimal number."""
    return number_text(Decimal(objective.allowed))


def _metric(identity: str, metric: Metric, seconds: int) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return cloudwatch.CfnAlarm.MetricDataQueryProperty(
        id=identity,
        return_data=False,
        metric_stat=cloudwatch.CfnAlarm.MetricStatProperty(
            stat=metric.statistic,
            period=seconds,
            metric=cloudwatch.CfnAlarm.MetricProperty(
                namespace=metric.namespace,
                metric_name=metric.name,
                dimensions=[
                    cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
                    for name, value in sorted(metric.dimensions.items())
                ],
            ),
        ),
    )
