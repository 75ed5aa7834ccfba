"""The three dashboards: for leadership, for who is on call, and for who looks for the cause."""

from collections.abc import Iterable, Iterator

from edsr.indicators.queries import queries
from edsr.indicators.table import INDICATORS
from edsr.model import DecisionVerdict, Status
from edsr.policy import Objective
from edsr.policy.objectives import Metric
from infra.dashboards.panels import OURS, Dashboard, Line, Panel
from infra.parts.names import FINDINGS

RECORD = ("/aws/lambda/edsr-record",)
STAGES = tuple(
    f"/aws/lambda/edsr-{stage}" for stage in ("decide", "plan", "approve", "verify", "close", "record", "sweep")
)
LATE = "logs, two minutes old at most"
BEGUN = (DecisionVerdict.ACT, DecisionVerdict.ASK, DecisionVerdict.ESCALATE)
BAD = (Status.DENIED, Status.REFUSED, Status.UNKNOWN)


def dashboards(objectives: Iterable[Objective]) -> tuple[Dashboard, ...]:
    """Every dashboard there is."""
    return executive(objectives), ON_CALL, DEBUG


def measure(name: str) -> tuple[Line, ...]:
    """The lines of one of the measures, as a digest reads them."""
    (indicator,) = (one for one in INDICATORS if one.id == name)
    return tuple(
        Line(query.id, query.label, query.metric, query.stat, query.expression, shown=query.shown)
        for query in queries(indicator)
    )


def aim(name: str) -> float | None:
    """A measure's target as a figure."""
    (indicator,) = (one for one in INDICATORS if one.id == name)
    return indicator.target.figure if indicator.target else None


def freshness() -> Panel:
    """Whether figures still come: a dashboard that nobody feeds looks as calm as a good day."""
    lines = (
        Line("beats", "heartbeats that came through", "Heartbeats"),
        Line("lag", "a heartbeat's slowest way, in seconds", "HeartbeatLagSeconds", "Maximum"),
        Line("records", "records exported", "AuditRecords"),
    )
    return Panel("How fresh this is", "number", lines, width=24, height=3)


def executive(objectives: Iterable[Objective]) -> Dashboard:
    """For leadership: a month at a glance."""
    health = tuple(line for number, one in enumerate(objectives) for line in _health(f"slo{number}", one))
    begun = tuple(
        Line(f"begun_{verdict}", verdict.value, "Decisions", dimensions={**OURS, "verdict": verdict.value})
        for verdict in BEGUN
    )
    measures = tuple(line for one in INDICATORS for line in measure(one.id))
    costs = "filter ispresent(dollars) | stats sum(dollars) as dollars, count(*) as findings by affected, policy"
    worst = (
        "filter ispresent(ObjectiveViolated.0)"
        " | stats count(*) as violations by affected, objective | sort violations desc"
    )
    return Dashboard(
        "edsr-executive",
        "EDSR: resilience this month",
        "P30D",
        "30 days",
        86_400,
        (
            Panel("Global SLO health", "number", health, unit="%"),
            Panel("Number of incidents this period", "graph", begun),
            Panel("Monthly remediation success rate", "number", measure("M3"), unit="%", limit=aim("M3")),
            Panel("Cost impact of incidents", "logs", query=costs, groups=RECORD, fresh=LATE),
            Panel("Top services by violations", "logs", query=worst, groups=RECORD, fresh=LATE),
            Panel("All measures, as the report has them", "number", measures, height=9),
            freshness(),
        ),
    )


def _health(name: str, objective: Objective) -> Iterator[Line]:
    """The share of good events over the whole window; without any event there is none."""
    indicator = objective.indicator
    yield _counted(f"{name}_total", indicator.total)
    yield _counted(f"{name}_part", indicator.part)
    good = f"FILL({name}_part, 0)" if indicator.good else f"({name}_total - FILL({name}_part, 0))"
    yield Line(name, f"{objective.id} (target {objective.target} %)", expression=f"100 * {good} / {name}_total")


def _counted(name: str, metric: Metric) -> Line:
    return Line(name, name, metric.name, metric.statistic, "", metric.dimensions, metric.namespace, shown=False)


def _steps(status: Status) -> Line:
    return Line(f"steps_{status.lower()}", status.value, "Steps", dimensions={**OURS, "status": status.value})


_OPEN = (
    "filter (ispresent(EventDelivered.0) and verdict in ['act', 'ask']) or ispresent(Closed.0)"
    " | stats count(Closed.0) as ended, min(@timestamp) as since by incident_id"
    " | filter ended = 0 | sort since desc | limit 20"
)
_MEDIAN = (Line("ttd", "median", "DetectSeconds", "p50"),)
_CRASHED = """SEARCH('{AWS/Lambda,FunctionName} MetricName="Errors" edsr act', 'Sum', 60)"""
_TOLD = "fields @timestamp, incident_id, message | filter ispresent(incident_id) | sort @timestamp desc | limit 100"
_ACTIONS = (
    "fields @timestamp, incident_id, action, ActionMilliseconds.0 as milliseconds"
    " | filter ispresent(ActionMilliseconds.0) | sort @timestamp desc | limit 50"
)
_LATENCY = (
    "filter ispresent(RemediateSeconds.0) or ispresent(DetectSeconds.0)"
    " | stats pct(DetectSeconds.0, 50) as detect_p50, pct(DetectSeconds.0, 99) as detect_p99,"
    " pct(RemediateSeconds.0, 50) as remediate_p50, pct(RemediateSeconds.0, 90) as remediate_p90,"
    " pct(RemediateSeconds.0, 99) as remediate_p99 by affected"
)
_DECIDED = (
    "fields @timestamp, incident_id, policy, verdict, refused | filter message = 'decided'"
    " | sort @timestamp desc | limit 100"
)

ON_CALL = Dashboard(
    "edsr-on-call",
    "EDSR: on call",
    "PT3H",
    "3 hours",
    60,
    (
        Panel("Active incidents", "live", show="open", query=_OPEN, groups=RECORD, fresh="live", height=8),
        Panel(
            "Live timeline of event-to-action chains", "live", show="chains", query=_TOLD, groups=STAGES, fresh="live",
            height=8,
        ),
        Panel("Time-to-detect median", "graph", _MEDIAN, unit="s", limit=aim("M1")),
        Panel("Remediation success rate", "graph", measure("M3"), unit="%", limit=aim("M3")),
        Panel(
            "Event ingestion lag",
            "graph",
            (
                Line("way", "heartbeat, from the bus to decide", "HeartbeatLagSeconds", "Maximum"),
                Line("seen", "heartbeat, from the bus to detect", "DetectLagSeconds", "Maximum"),
                Line("wait", "heartbeat, in the queue", "QueueLagSeconds", "Maximum"),
                Line(
                    "oldest", "the oldest finding", "ApproximateAgeOfOldestMessage", "Maximum",
                    dimensions={"QueueName": FINDINGS}, namespace="AWS/SQS",
                ),
            ),
            unit="s",
        ),
        Panel(
            "Actuator error rates",
            "graph",
            (
                *(_steps(status) for status in (*BAD, Status.DONE)),
                Line("crashed", "errors of functions", expression=_CRASHED),
            ),
        ),
        Panel("Recent automation actions", "logs", query=_ACTIONS, groups=RECORD, fresh=LATE),
        freshness(),
    ),
)  # fmt: skip

DEBUG = Dashboard(
    "edsr-debug",
    "EDSR: looking for the cause",
    "PT3H",
    "3 hours",
    60,
    (
        Panel(
            "Trace waterfall for recent incidents", "live", show="waterfall", query=_TOLD, groups=STAGES, fresh="live",
            width=24, height=10,
        ),
        Panel("Traces of the machine", "traces", query='service("edsr-remediate")', fresh="a minute old at most"),
        Panel("Correlated logs", "logs", query=_TOLD, groups=STAGES, fresh=LATE),
        Panel("Per-service latency percentiles", "logs", query=_LATENCY, groups=RECORD, fresh=LATE),
        Panel("Event timelines", "live", show="chains", query=_TOLD, groups=STAGES, fresh="live", height=8),
        Panel("Policy evaluation logs", "logs", query=_DECIDED, groups=("/aws/lambda/edsr-decide",), fresh=LATE),
        freshness(),
    ),
)  # fmt: skip
