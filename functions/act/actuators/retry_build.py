"""retry-build: try a project's newest build once more, from the same source."""

from typing import Any

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import codebuild_project
from edsr.declare import Action, Nothing, Permission
from edsr.errors import Refused
from edsr.ports import Clients

ACTION = Action(
    id="retry-build",
    title="Try the newest build of a project once more, from the same source",
    resource="codebuild:project",
    arguments=Nothing,
    permissions=(
        Permission(actions=("codebuild:RetryBuild", "codebuild:StopBuild"), on="catalogue:codebuild:project"),
    ),
    klass="A",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"trying": True},
    drift="None: one build more.",
    token_seconds=300,
    aws_only="RetryBuild",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached: the newest build runs, or went well."""
    Nothing.model_validate(args)
    return {"trying": True}


def guard(_clients: Clients, target: str, state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Refuse where it is not known what was built."""
    if "source" not in state:
        raise Refused(f"nobody knows from which source the newest build of {target} was made")


def apply(clients: Clients, target: str, reach: dict[str, Any], revision: str, token: str) -> None:
    """Make the one mutating call: the build that was seen, once more; to undo it is to stop what was begun."""
    client = clients("codebuild", mutating=True)
    with named(f"trying {target} again", target=True):
        if reach["trying"]:
            client.retry_build(id=revision, idempotencyToken=token)
        else:
            client.stop_build(id=revision)


handler = actuator(ACTION, Hands(codebuild_project.observe, goal, guard, apply))
