"""autoscaling:nonproduction-group - how many instances a group has and may have, and for which environment."""

from edsr.aws.readers import autoscaling_group
from edsr.aws.readers.autoscaling_group import group
from edsr.aws.readers.ec2_instance_power import environment
from edsr.declare import Reader
from edsr.ports import Clients, Observed

READER = Reader(resource="autoscaling:nonproduction-group", permissions=autoscaling_group.READER.permissions)


def observe(clients: Clients, arn: str) -> Observed:
    """`{least, most, wanted, environment?}`: for stopping all of it, after which nothing moves. Raises Gone."""
    found = group(clients, arn)
    state = {"least": found["MinSize"], "most": found["MaxSize"], "wanted": found["DesiredCapacity"]}
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    return Observed({**state, **environment(tags)})
