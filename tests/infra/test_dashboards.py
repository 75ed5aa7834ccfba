"""Dashboards: every panel that was asked for, by name, with its window and how fresh it is, for both programs."""

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.cloudwatch import CloudWatchLogsQuery, CloudWatchMetricsQuery
from grafana_foundation_sdk.models.dashboard import Dashboard as GrafanaDashboard

from edsr.indicators.table import INDICATORS
from edsr.metrics import METRICS, NAMESPACE
from edsr.policy import Library
from infra import POLICIES
from infra.catalogue import discover
from infra.dashboards.cloudwatch import body
from infra.dashboards.definitions import dashboards
from infra.dashboards.grafana import dashboard_json
from infra.dashboards.panels import OURS, Dashboard
from tests.infra.reading import Assembly

ASKED = {
    "edsr-executive": [
        "Global SLO health", "Number of incidents this period", "Monthly remediation success rate",
        "Cost impact of incidents", "Top services by violations",
    ],
    "edsr-on-call": [
        "Active incidents", "Time-to-detect median", "Remediation success rate", "Event ingestion lag",
        "Actuator error rates", "Recent automation actions", "Live timeline of event-to-action chains",
    ],
    "edsr-debug": [
        "Trace waterfall for recent incidents", "Correlated logs", "Per-service latency percentiles", "Event timelines",
        "Policy evaluation logs",
    ],
}  # fmt: skip
"""The panels that the dashboards were asked for with."""

OBJECTIVES = list(Library.at(POLICIES).objectives())
ALL = dashboards(OBJECTIVES)
WIDGET = "arn:aws:lambda:us-east-1:123456789012:function:edsr-record-shown"
each = pytest.mark.parametrize("dashboard", ALL, ids=lambda one: one.name)
register_default_plugins()


def widgets(dashboard: Dashboard) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = body(dashboard, "us-east-1", WIDGET)["widgets"]
    return made


def titles(dashboard: Dashboard) -> list[str]:
    return [panel.title for panel in dashboard.panels]


def test_services_are_told_apart_where_they_are_promised() -> None:
    (panel,) = [panel for panel in ALL[0].panels if panel.title == "Top services by violations"]
    assert "by affected, objective | sort violations desc" in panel.query


def test_there_is_every_panel_that_was_asked_for() -> None:
    assert {one.name for one in ALL} == set(ASKED)
    for one in ALL:
        assert set(ASKED[one.name]) <= set(titles(one))


@each
def test_each_says_its_window_and_how_fresh_it_is_and_whether_figures_still_come(dashboard: Dashboard) -> None:
    assert "How fresh this is" in titles(dashboard)
    for panel in dashboard.panels:
        assert re.search(r"live|old at most", panel.fresh)
        assert dashboard.heading(panel) == f"{panel.title} · {dashboard.words} · {panel.fresh}"
    made = body(dashboard, "us-east-1", WIDGET)
    assert made["start"] == f"-{dashboard.window}"
    assert made["periodOverride"] == "inherit"


@each
def test_every_metric_of_ours_is_one_that_is_emitted_with_all_of_its_dimensions(dashboard: Dashboard) -> None:
    for line in (line for panel in dashboard.panels for line in panel.lines if line.metric):
        if line.namespace == NAMESPACE:
            known = METRICS[line.metric].dimensions
            assert set(line.dimensions) == {*OURS, *known}, line
            assert all(line.dimensions[name] in values for name, values in known.items()), line


@each
def test_an_expression_names_only_lines_that_are_there_and_ids_are_unique(dashboard: Dashboard) -> None:
    for panel in dashboard.panels:
        ids = [line.id for line in panel.lines]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"[a-z][a-zA-Z0-9_]*", name) for name in ids)
        for line in panel.lines:
            if not line.expression.startswith("SEARCH"):
                assert set(re.findall(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)*\b", line.expression)) <= set(ids), line


@each
def test_every_log_group_is_of_a_function_that_there_is(dashboard: Dashboard) -> None:
    known = {f"/aws/lambda/{entry.name}" for entry in discover().functions.values()}
    for panel in dashboard.panels:
        assert set(panel.groups) <= known
        assert bool(panel.groups) is (panel.kind in ("logs", "live"))


def test_leadership_sees_every_measure_and_every_objective() -> None:
    lines = {line.id for panel in ALL[0].panels for line in panel.lines if line.shown}
    assert {one.id.lower() for one in INDICATORS} <= lines
    health = [line.label for line in ALL[0].panels[0].lines if line.shown]
    assert [label.split()[0] for label in health] == [one.id for one in OBJECTIVES]


@each
def test_no_widget_overlaps_another_and_all_are_on_the_grid(dashboard: Dashboard) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(dashboard):
        x, y, width, height = (widget[name] for name in ("x", "y", "width", "height"))
        cells = {(column, row) for column in range(x, x + width) for row in range(y, y + height)}
        assert x + width <= 24
        assert not cells & taken
        taken |= cells


KNOWN = {
    "text": ({"markdown"}, set()),
    "log": ({"region", "query"}, {"title", "view"}),
    "custom": ({"endpoint"}, {"title", "updateOn", "params"}),
    "metric": (
        {"metrics", "region"},
        {"title", "view", "period", "stat", "yAxis", "annotations", "setPeriodToTimeRange"},
    ),
}  # fmt: skip
"""What each type of widget has to say, and what it may: of those that are written, as the API reference has them."""


@each
def test_cloudwatch_is_told_nothing_that_it_does_not_know(dashboard: Dashboard) -> None:
    made = body(dashboard, "us-east-1", WIDGET)
    assert set(made) == {"start", "periodOverride", "widgets"}
    assert len(made["widgets"]) <= 500
    for widget in made["widgets"]:
        needed, allowed = KNOWN[widget["type"]]
        assert needed <= set(widget["properties"]) <= needed | allowed
        assert set(widget) == {"type", "x", "y", "width", "height", "properties"}


def test_what_is_live_is_asked_of_the_suites_own_function() -> None:
    shown = {w["properties"]["params"]["show"] for one in ALL for w in widgets(one) if w["type"] == "custom"}
    assert shown == {"open", "chains", "waterfall"}


def test_they_are_deployed_and_viewers_may_ask_for_what_is_live(dev: Assembly) -> None:
    made = {
        item["DashboardName"]: item["DashboardBody"] for item in dev.compute.of("AWS::CloudWatch::Dashboard").values()
    }
    assert set(made) == set(ASKED)
    for text in made.values():
        said = json.loads(text) if isinstance(text, str) else text
        assert said
    assert "edsr-record-shown" in json.dumps(
        dev.compute.one("AWS::IAM::ManagedPolicy", ManagedPolicyName="edsr-viewer")
    )


def parsed(dashboard: Dashboard) -> tuple[dict[str, Any], Any]:
    """Grafana's JSON, and what Grafana's own types read of it."""
    made = json.loads(json.dumps(dashboard_json(dashboard)))
    return made, GrafanaDashboard.from_json(made)


@each
def test_grafanas_own_types_read_all_of_it_and_write_the_same(dashboard: Dashboard) -> None:
    """What their types do not know they drop: it would be missing from what they write."""
    made, read = parsed(dashboard)
    written = json.loads(JSONEncoder(sort_keys=True).encode(read))
    assert list(lost(made, written)) == []


def lost(made: Any, written: Any, at: str = "$") -> Iterable[str]:
    """Where something was not read, or was written otherwise."""
    if isinstance(made, dict) and isinstance(written, dict):
        for name, value in made.items():
            if name not in written and value is not None:
                yield f"{at}.{name}"
            elif name in written:
                yield from lost(value, written[name], f"{at}.{name}")
    elif isinstance(made, list) and isinstance(written, list) and len(made) == len(written):
        for number, (one, other) in enumerate(zip(made, written, strict=True)):
            yield from lost(one, other, f"{at}[{number}]")
    elif made != written:
        yield f"{at}: {made!r} became {written!r}"


@each
def test_grafana_reads_every_query_as_one_of_cloudwatch(dashboard: Dashboard) -> None:
    _, read = parsed(dashboard)
    for panel in read.panels:
        if panel.datasource.type_val == "cloudwatch":
            for target in panel.targets:
                assert isinstance(target, CloudWatchMetricsQuery | CloudWatchLogsQuery)


def test_a_misspelled_key_would_be_seen() -> None:
    made = dashboard_json(ALL[0])
    made["panels"][0]["gridPoz"] = made["panels"][0].pop("gridPos")
    written = json.loads(JSONEncoder().encode(GrafanaDashboard.from_json(made)))
    assert "$.panels[0].gridPoz" in list(lost(made, written))


@each
def test_both_programs_show_the_same_panels(dashboard: Dashboard) -> None:
    grafana = [panel["title"] for panel in dashboard_json(dashboard)["panels"]]
    assert grafana == [dashboard.heading(panel) for panel in dashboard.panels]
    ids = {panel["id"] for panel in dashboard_json(dashboard)["panels"]}
    assert len(ids) == len(grafana)
