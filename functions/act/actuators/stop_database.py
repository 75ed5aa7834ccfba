"""stop-database: stop an RDS database that is not for production, for a while."""

from typing import Any

from act.hands import Hands
from act.production import keep_off
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import rds_db
from edsr.declare import Action, Nothing, Permission
from edsr.errors import Refused
from edsr.ports import Clients

ACTION = Action(
    id="stop-database",
    title="Stop an RDS database that is not for production",
    resource="rds:nonproduction-db",
    arguments=Nothing,
    permissions=(
        Permission(actions=("rds:StopDBInstance", "rds:StartDBInstance"), on="catalogue:rds:nonproduction-db"),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"running": False},
    drift="None: a template does not say whether a database runs. AWS starts it by itself after seven days.",
    temporary=True,
    view="rds_db",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    Nothing.model_validate(args)
    return {"running": False}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse what is for production, and a part of a cluster."""
    if args is None:
        return
    keep_off(target, state)
    if "cluster" in state:
        raise Refused(f"{target} is of cluster {state['cluster']}: RDS stops that only as a whole")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call."""
    database, client = resource_of(target, "rds", "db:"), clients("rds", mutating=True)
    with named(f"stopping or starting {target}", target=True):
        if reach["running"]:
            client.start_db_instance(DBInstanceIdentifier=database)
        else:
            client.stop_db_instance(DBInstanceIdentifier=database)


handler = actuator(ACTION, Hands(rds_db.observe, goal, guard, apply))
