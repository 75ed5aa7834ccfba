"""codebuild:project - whether the newest build of a project still runs or went well, and from which source."""

from typing import Any

from edsr.aws.arns import refuse_another, resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="codebuild:project",
    permissions=(
        Permission(
            actions=("codebuild:ListBuildsForProject", "codebuild:BatchGetBuilds"), on="catalogue:codebuild:project"
        ),
    ),
)
TRYING = ("IN_PROGRESS", "SUCCEEDED")


def observe(clients: Clients, arn: str) -> Observed:
    """`{trying, source?}`, and the newest build's id; a project that never built anything is not trying.
    Refused when the name is another's."""
    project, builds = resource_of(arn, "codebuild", "project/"), clients("codebuild")
    with named(f"reading the builds of {project}", target=True):
        ids = builds.list_builds_for_project(projectName=project, sortOrder="DESCENDING")["ids"][:1]
        found = builds.batch_get_builds(ids=ids)["builds"] if ids else []
    newest = found[0] if found else {}
    if newest:
        refuse_another(arn, newest["arn"].rpartition(":")[0].replace(":build/", ":project/"))
    state: dict[str, Any] = {"trying": newest.get("buildStatus") in TRYING}
    if source := newest.get("resolvedSourceVersion"):
        state["source"] = source
    return Observed(state, newest.get("id", ""))
