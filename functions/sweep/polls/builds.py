"""Builds of CodeBuild that failed lately, each as the event of its end."""

from collections.abc import Iterator
from typing import Any

from edsr.declare import Permission, Poll
from edsr.model import Finding
from sweep.ask import LATELY, Ask, Event, event

POLL = Poll(
    id="builds",
    source="delivery",
    title="the newest hundred builds of CodeBuild, those that failed within the hour",
    detail_types=("CodeBuild Build State Change",),
    minutes=5,
    calls=40,
    level=False,
    permissions=(
        Permission(
            actions=("codebuild:ListBuilds",), on="*", reason="It names no resource: the builds of every project"
        ),
        Permission(
            actions=("codebuild:BatchGetBuilds",),
            on="*",
            reason="A build that failed may be any project's, also one that the catalogue does not know; it only reads",
        ),
    ),
)
FAILED = ("FAILED", "FAULT", "TIMED_OUT")


def standing(ask: Ask) -> Iterator[Event]:
    """The builds, the newest first."""
    for build in _newest(ask):
        if build["buildStatus"] in FAILED and build.get("endTime", ask.now - 2 * LATELY) > ask.now - LATELY:
            yield _event(build)


def over(ask: Ask, findings: list[Finding]) -> Iterator[tuple[Finding, Event]]:
    """Of the projects that incidents tell of, the build that succeeded last."""
    projects = [found for found in findings if found.subject.kind == "codebuild:project"]
    well = [build for build in _newest(ask) if build["buildStatus"] == "SUCCEEDED"] if projects else []
    for found in projects:
        name = found.subject.arn.split(":project/")[-1]
        ours = [build for build in well if build["projectName"] == name]
        if ours:
            yield found, _event(max(ours, key=lambda build: build["endTime"]))


def _newest(ask: Ask) -> list[dict[str, Any]]:
    ids = ask("codebuild", "list_builds", sortOrder="DESCENDING").get("ids", [])
    builds: list[dict[str, Any]] = ask("codebuild", "batch_get_builds", ids=ids[:100])["builds"] if ids else []
    return builds


def _event(build: dict[str, Any]) -> Event:
    detail = {
        "build-status": build["buildStatus"],
        "project-name": build["projectName"],
        "build-id": build["arn"],
        "current-phase": build.get("currentPhase", ""),
        "additional-information": {"initiator": build.get("initiator", ""), "build-complete": True},
    }
    return event("aws.codebuild", POLL.detail_types[0], build["arn"], build["endTime"], detail)
