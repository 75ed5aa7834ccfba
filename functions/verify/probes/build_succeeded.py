"""build-succeeded: a build of the project that ended since the step succeeded."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which project."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    project: str = Field(title="Project", description="The ARN of the CodeBuild project.")


PROBE = Probe(
    id="build-succeeded",
    title="A build of the project that ended since the step succeeded",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("codebuild:ListBuildsForProject", "codebuild:BatchGetBuilds"), on="catalogue:codebuild:project"
        ),
    ),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Once the newest build has ended since the step: success is better, all else worse; until then it is pending."""
    del now
    project = resource_of(Arguments.model_validate(args).project, "codebuild", "project/")
    builds = clients("codebuild")
    with named(f"reading the builds of {project}"):
        ids = builds.list_builds_for_project(projectName=project, sortOrder="DESCENDING")["ids"][:1]
        found = builds.batch_get_builds(ids=ids)["builds"] if ids else []
    if not found:
        return Seen(Judged.UNKNOWN, f"{project} has no build")
    newest = found[0]
    ended = newest.get("endTime")
    said = f"{newest['id']} is {newest['buildStatus']}"
    if newest["buildStatus"] == "IN_PROGRESS" or ended is None or ended < since:
        return Seen(Judged.PENDING, said)
    return Seen(Judged.BETTER if newest["buildStatus"] == "SUCCEEDED" else Judged.WORSE, said)
