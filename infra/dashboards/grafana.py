"""A dashboard as Grafana imports it, over its CloudWatch and X-Ray data sources, which are chosen when it is opened."""

from typing import Any

from infra.dashboards.cloudwatch import COLUMNS
from infra.dashboards.panels import Dashboard, Line, Panel

SCHEMA = 36
"""The version of Grafana's dashboard schema that is written (Grafana 10.1; later ones migrate it)."""

UNITS = {"%": "percent", "s": "s", "": "short"}
CLOUDWATCH = {"type": "cloudwatch", "uid": "${cloudwatch}"}
XRAY = {"type": "grafana-x-ray-datasource", "uid": "${xray}"}
FROM = {"P30D": "now-30d", "PT3H": "now-3h"}


def dashboard_json(dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard's JSON model."""
    return {
        "uid": dashboard.name,
        "title": dashboard.title,
        "description": f"The last {dashboard.words}, UTC. Made from the suite's own definitions: do not edit it here.",
        "tags": ["edsr"],
        "timezone": "utc",
        "editable": False,
        "graphTooltip": 1,
        "schemaVersion": SCHEMA,
        "version": 1,
        "refresh": "1m",
        "time": {"from": FROM[dashboard.window], "to": "now"},
        "templating": {"list": [_source("cloudwatch", "cloudwatch"), _source("xray", "grafana-x-ray-datasource")]},
        "panels": _placed(dashboard),
    }


def _source(name: str, plugin: str) -> dict[str, Any]:
    return {"name": name, "type": "datasource", "label": name, "query": plugin, "hide": 0, "multi": False}


def _placed(dashboard: Dashboard) -> list[dict[str, Any]]:
    x, y, high, placed = 0, 0, 0, []
    for number, panel in enumerate(dashboard.panels, 1):
        if x + panel.width > COLUMNS:
            x, y, high = 0, y + high, 0
        place = {"x": x, "y": y, "w": panel.width, "h": panel.height}
        placed.append({"id": number, "gridPos": place, "title": dashboard.heading(panel), **_panel(dashboard, panel)})
        x, high = x + panel.width, max(high, panel.height)
    return placed


def _panel(dashboard: Dashboard, panel: Panel) -> dict[str, Any]:
    if panel.kind == "traces":
        target = {"refId": "A", "queryType": "getTraceSummaries", "query": panel.query, "region": "default"}
        return {"type": "table", "datasource": XRAY, "targets": [target]}
    if panel.kind in ("logs", "live"):
        return {"type": "table", "datasource": CLOUDWATCH, "targets": [_logs(panel)]}
    kind = "stat" if panel.kind == "number" else "timeseries"
    targets = [_metric(line, number, dashboard) for number, line in enumerate(panel.lines)]
    return {"type": kind, "datasource": CLOUDWATCH, "targets": targets, "fieldConfig": _drawn(panel)}


def _drawn(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"value": None, "color": "green"}]
    if panel.limit is not None:
        steps.append({"value": panel.limit, "color": "blue"})
    defaults = {"unit": UNITS[panel.unit], "thresholds": {"mode": "absolute", "steps": steps}}
    return {"defaults": defaults, "overrides": []}


def _logs(panel: Panel) -> dict[str, Any]:
    return {
        "refId": "A",
        "queryMode": "Logs",
        "id": "",
        "region": "default",
        "expression": panel.query,
        "logGroupNames": list(panel.groups),
        "statsGroups": [],
    }


def _metric(line: Line, number: int, dashboard: Dashboard) -> dict[str, Any]:
    """Mode 1 is a code editor's, for an expression; 0 is a metric's."""
    return {
        "refId": _letters(number),
        "queryMode": "Metrics",
        "metricQueryType": 0,
        "metricEditorMode": 1 if line.expression else 0,
        "id": line.id,
        "label": line.label,
        "hide": not line.shown,
        "region": "default",
        "namespace": "" if line.expression else line.namespace,
        "metricName": line.metric,
        "dimensions": {} if line.expression else dict(line.dimensions),
        "statistic": line.stat,
        "period": str(dashboard.period),
        "expression": line.expression,
        "matchExact": True,
    }


def _letters(number: int) -> str:
    """A, B, ... Z, AA: how Grafana names queries."""
    letter = chr(ord("A") + number % 26)
    return letter if number < 26 else _letters(number // 26 - 1) + letter
