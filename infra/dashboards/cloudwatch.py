"""A dashboard as CloudWatch takes it. Source: CloudWatch API reference, "Dashboard body structure and syntax"."""

from collections.abc import Iterator
from typing import Any

from infra.dashboards.panels import Dashboard, Line, Panel

COLUMNS = 24
COUNT = {"chains": 5, "waterfall": 3, "open": 20}
"""How many incidents the widget shows."""

TRACES = (
    "[Traces of the state machine](https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
    "#xray:traces/query?~(query~(filter~(node~'edsr-remediate))))"
)


def body(dashboard: Dashboard, region: str, widget: str) -> dict[str, Any]:
    """The body; `widget` is the ARN of the function that shows what is live."""
    return {
        "start": f"-{dashboard.window}",
        "periodOverride": "inherit",
        "widgets": [_note(dashboard), *_placed(dashboard, region, widget)],
    }


def _note(dashboard: Dashboard) -> dict[str, Any]:
    text = (
        f"# {dashboard.title}\nThe last **{dashboard.words}**, in steps of {dashboard.period} s, UTC. "
        "Made by the stack: what is changed here is lost when it is deployed. Definitions: `infra/dashboards`."
    )
    return {"type": "text", "x": 0, "y": 0, "width": COLUMNS, "height": 2, "properties": {"markdown": text}}


def _placed(dashboard: Dashboard, region: str, widget: str) -> Iterator[dict[str, Any]]:
    """Panels beside each other while a row has room, each row as high as its highest."""
    x, y, high = 0, 2, 0
    for panel in dashboard.panels:
        if x + panel.width > COLUMNS:
            x, y, high = 0, y + high, 0
        made = _widget(dashboard, panel, region, widget)
        yield {"x": x, "y": y, "width": panel.width, "height": panel.height, **made}
        x, high = x + panel.width, max(high, panel.height)


def _widget(dashboard: Dashboard, panel: Panel, region: str, widget: str) -> dict[str, Any]:
    title = dashboard.heading(panel)
    match panel.kind:
        case "logs":
            sources = " | ".join(f"SOURCE '{group}'" for group in panel.groups)
            properties = {"title": title, "region": region, "query": f"{sources} | {panel.query}", "view": "table"}
            return {"type": "log", "properties": properties}
        case "live":
            update = {"refresh": True, "resize": True, "timeRange": False}
            params = {"show": panel.show, "count": COUNT[panel.show]}
            return {
                "type": "custom",
                "properties": {"title": title, "endpoint": widget, "updateOn": update, "params": params},
            }
        case "traces":
            return {"type": "text", "properties": {"markdown": f"### {title}\n{TRACES.format(region=region)}"}}
        case _:
            return {"type": "metric", "properties": {"title": title, **_drawn(dashboard, panel, region)}}


def _drawn(dashboard: Dashboard, panel: Panel, region: str) -> dict[str, Any]:
    number = panel.kind == "number"
    said: dict[str, Any] = {
        "region": region,
        "metrics": [_metric(line) for line in panel.lines],
        "view": "singleValue" if number else "timeSeries",
        "period": dashboard.period,
        "stat": "Sum",
    }
    if number:
        said["setPeriodToTimeRange"] = True
    if panel.unit:
        said["yAxis"] = {"left": {"label": panel.unit, "showUnits": False}}
    if panel.limit is not None and not number:
        said["annotations"] = {"horizontal": [{"label": "target", "value": panel.limit}]}
    return said


def _metric(line: Line) -> list[Any]:
    options: dict[str, Any] = {"id": line.id, "label": line.label, "visible": line.shown}
    if line.expression:
        return [{**options, "expression": line.expression}]
    named = [part for name, value in line.dimensions.items() for part in (name, value)]
    return [line.namespace, line.metric, *named, {**options, "stat": line.stat}]
