"""rds:nonproduction-db - whether a database runs, for which environment, and of which cluster it is."""

from edsr.aws.arns import refuse_another, resource_of
from edsr.aws.faults import named
from edsr.aws.readers.ec2_instance_power import environment
from edsr.declare import Permission, Reader
from edsr.errors import Gone
from edsr.ports import Clients, Observed

READER = Reader(
    resource="rds:nonproduction-db",
    permissions=(Permission(actions=("rds:DescribeDBInstances",), on="catalogue:rds:nonproduction-db"),),
)
STOPPED = ("stopping", "stopped")


def observe(clients: Clients, arn: str) -> Observed:
    """`{running, environment?, cluster?}`; one that is stopping does not run. Raises Gone for one that is deleted,
    Refused when the name is another's."""
    database = resource_of(arn, "rds", "db:")
    with named(f"reading {arn}", target=True):
        found = clients("rds").describe_db_instances(DBInstanceIdentifier=database)["DBInstances"][0]
    refuse_another(arn, found["DBInstanceArn"])
    if found["DBInstanceStatus"] == "deleting":
        raise Gone(f"{arn} is being deleted")
    tags = {tag["Key"]: tag["Value"] for tag in found.get("TagList", [])}
    state = {"running": found["DBInstanceStatus"] not in STOPPED, **environment(tags)}
    cluster = found.get("DBClusterIdentifier")
    return Observed({**state, "cluster": cluster} if cluster else state)
