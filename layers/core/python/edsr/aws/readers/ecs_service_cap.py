"""ecs:service - how many tasks autoscaling may give a service."""

from edsr.aws.arns import refuse_another, resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Gone
from edsr.ports import Clients, Observed

READER = Reader(
    resource="ecs:service",
    permissions=(
        Permission(
            actions=("application-autoscaling:DescribeScalableTargets",),
            on="*",
            reason="Application Auto Scaling lets nobody limit who describes to some scalable targets",
        ),
    ),
)
WHAT = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}


def observe(clients: Clients, arn: str) -> Observed:
    """`{target, least, most}`: the scalable target's ARN, its bounds. Raises Gone when nothing scales the service,
    Refused when the name is another's."""
    resource = f"service/{resource_of(arn, 'ecs', 'service/')}"
    with named(f"reading the bounds of {arn}", target=True):
        answer = clients("application-autoscaling").describe_scalable_targets(ResourceIds=[resource], **WHAT)
    if not answer["ScalableTargets"]:
        raise Gone(f"nothing scales {arn}")
    target = answer["ScalableTargets"][0]
    account = ":".join(target["ScalableTargetARN"].split(":")[3:5])
    refuse_another(arn, f"arn:{arn.split(':')[1]}:ecs:{account}:{resource}")
    state = {"target": target["ScalableTargetARN"], "least": target["MinCapacity"], "most": target["MaxCapacity"]}
    return Observed(state, resource)
