"""The measures, each defined once: what it says, out of which metrics it is, and what it aims at."""

from typing import Literal, NamedTuple

Statistic = Literal["mean", "median", "share", "count", "ratio", "per"]
"""`share` is the percentage of ones, `count` the sum; `ratio` is the sum in percent of the number of another metric's
values, `per` how many values there are for each of another's."""


class Target(NamedTuple):
    """Where to start; a figure that is not `within` it is looked into."""

    least: bool
    figure: float

    def met(self, value: float) -> bool:
        """Whether a figure is on the right side."""
        return value >= self.figure if self.least else value <= self.figure

    def __str__(self) -> str:
        return f"{'>=' if self.least else '<='} {self.figure:g}"


class Indicator(NamedTuple):
    """One measure. `of` is the other metric of a ratio; `how` says what counts, `heed` what misleads. `by` are the
    properties by which its observations can be told apart."""

    id: str
    title: str
    metric: str
    statistic: Statistic
    unit: str
    target: Target | None
    how: str
    heed: str
    of: str = ""
    by: tuple[str, ...] = ("policy", "affected")


def at_most(figure: float) -> Target:
    """No more than this."""
    return Target(least=False, figure=figure)


def at_least(figure: float) -> Target:
    """No less than this."""
    return Target(least=True, figure=figure)


INDICATORS = (
    Indicator(
        "M1",
        "time to detect",
        "DetectSeconds",
        "mean",
        "s",
        at_most(60),
        "from the producer's time of an event to its finding",
        "what is told again and held back does not count, else noise would set the figure",
    ),
    Indicator(
        "M2",
        "time to remediate",
        "RemediateSeconds",
        "mean",
        "s",
        at_most(300),
        "from a finding to its cure, verified by a probe; waiting for people is A1's",
        "only what succeeded counts: read it beside M3",
    ),
    Indicator(
        "M3",
        "remediation success rate",
        "RemediationSucceeded",
        "share",
        "%",
        at_least(95),
        "remediations that acted, and of which every step was done and judged better",
        "what was tolerated or only partly done is no success; what shows later to have done harm counts in M5",
        by=("policy", "affected", "mode"),
    ),
    Indicator(
        "M4",
        "false positive rate",
        "RemediationUnnecessary",
        "ratio",
        "%",
        at_most(5),
        "remediations that acted and that an operator labelled a false positive",
        "what nobody labelled counts as right: label what you look at",
        of="RemediationSucceeded",
    ),
    Indicator(
        "M5",
        "remediation-induced incidents",
        "RemediationHarmful",
        "count",
        "",
        at_most(0),
        "remediations after which it was worse, as a probe or later figures measured, or that were labelled harmful",
        "what did not help while it got worse for another reason counts until it is labelled true-positive",
    ),
    Indicator(
        "M6",
        "manual interventions avoided",
        "InterventionAvoided",
        "count",
        "",
        None,
        "cures that changed something, in which no person had a hand, and that nobody called a false positive",
        "an estimate on the low side: what would have mended itself is not known",
    ),
    Indicator(
        "M7",
        "event delivery success",
        "EventDelivered",
        "share",
        "%",
        at_least(99.9),
        "findings that the bus brought, of all there were: the sweep finds those it dropped",
        "only of sources that the sweep can ask; a period with few findings says little",
        by=("policy", "affected", "source"),
    ),
    Indicator(
        "M8",
        "action latency",
        "ActionMilliseconds",
        "median",
        "ms",
        at_most(500),
        "the call that changes something, as its function measured it",
        "an API of AWS, which varies by itself",
        by=("action",),
    ),
    Indicator(
        "M9",
        "SLO violation frequency",
        "ObjectiveViolated",
        "count",
        "",
        None,
        "alarms that an objective's error budget burns fast, over both of their windows",
        "the objective's own target is in policies/objectives; causes outside count as well",
        by=("objective", "policy", "affected"),
    ),
    Indicator(
        "M10",
        "audit completeness",
        "ActionAudited",
        "share",
        "%",
        at_least(100),
        "actions with decision, plan, intent and outcome, by whom, on what, from which state to which",
        "what is missing in chains; calls that the audit lacks altogether are looked for in the trail",
    ),
    Indicator(
        "A1",
        "time waited for people",
        "ApprovalSeconds",
        "mean",
        "s",
        None,
        "from an asking to what ended it",
        "no answer in time counts as long as it was waited for",
        by=(),
    ),
    Indicator(
        "A2",
        "alerts per action",
        "EventDelivered",
        "per",
        "",
        None,
        "all findings, for each remediation that acted",
        "many findings for an action are noise, or policies that only observe",
        of="RemediationSucceeded",
    ),
)
"""M1 to M10 with the targets to start with, and two that stand beside them."""
