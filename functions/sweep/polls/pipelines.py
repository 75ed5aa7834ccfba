"""Executions of CodePipeline that failed lately, each as the event of its end."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from edsr.declare import Permission, Poll
from edsr.errors import Gone
from edsr.model import Finding
from edsr.times import epoch
from sweep.ask import LATELY, Ask, Event, event

POLL = Poll(
    id="pipelines",
    source="delivery",
    title="the newest execution of each pipeline, when it failed within the hour; of very many some at a time",
    detail_types=("CodePipeline Pipeline Execution State Change",),
    minutes=5,
    calls=60,
    level=False,
    permissions=(
        Permission(
            actions=("codepipeline:ListPipelines", "codepipeline:ListPipelineExecutions"),
            on="*",
            reason="A pipeline that failed may be one that the catalogue does not know; it only reads",
        ),
    ),
)
AT_A_TIME = 40


def standing(ask: Ask) -> Iterator[Event]:
    """The executions; where there are more pipelines than are asked at a time, the next time goes on with the next."""
    pages = ask.pages("codepipeline", "list_pipelines", "nextToken")
    names = sorted(one["name"] for page in pages for one in page["pipelines"])
    turn = epoch(ask.now) // (POLL.minutes * 60) * AT_A_TIME % max(1, len(names))
    for name in (names[turn:] + names[:turn])[:AT_A_TIME]:
        said = ask("codepipeline", "list_pipeline_executions", pipelineName=name, maxResults=1)
        for one in said["pipelineExecutionSummaries"][:1]:
            if one["status"] == "Failed" and one["lastUpdateTime"] > ask.now - LATELY:
                yield _event(name, one, ask)


def over(ask: Ask, findings: list[Finding]) -> Iterator[tuple[Finding, Event]]:
    """Of the pipelines that incidents tell of, the execution that succeeded last, if it is one of the last ten."""
    for found in findings:
        if found.subject.kind == "codepipeline:pipeline" and not found.evidence.get("part"):
            name = found.subject.arn.rsplit(":", 1)[-1]
            with suppress(Gone):  # whoever deleted the pipeline did not make it well
                said = ask("codepipeline", "list_pipeline_executions", pipelineName=name, maxResults=10)
                well = [one for one in said["pipelineExecutionSummaries"] if one["status"] == "Succeeded"]
                yield from ((found, _event(name, one, ask, "SUCCEEDED")) for one in well[:1])


def _event(name: str, one: dict[str, Any], ask: Ask, state: str = "FAILED") -> Event:
    detail = {"pipeline": name, "execution-id": one["pipelineExecutionId"], "state": state}
    made = event("aws.codepipeline", POLL.detail_types[0], ask.arn("codepipeline", name), one["lastUpdateTime"], detail)
    return {**made, "id": one["pipelineExecutionId"]}
