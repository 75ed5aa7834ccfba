"""The worlds of the hands that stop what is not for production, bound groups, scale data, and take up what failed."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests import estate
from tests.aws.capacity_stand_ins import Caches, Runs
from tests.aws.world import World

REGION, ACCOUNT = estate.REGION, estate.ACCOUNT
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop-test"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/baskets"
STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"
RUN = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:fulfilment:order-4711"
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1A2B3C4D5E6F7"
IMAGE = "ami-03cf127a"
"""One that moto knows: to have it list them all takes it half a second."""
SPARE = [{"Key": "environment", "Value": "test"}]


def stop_instance() -> World:
    """An instance of the test environment, which runs."""
    ec2 = estate.client("ec2")
    tags = [{"ResourceType": "instance", "Tags": SPARE}]
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, TagSpecifications=tags)["Instances"][0]
    name = made["InstanceId"]
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{name}"
    other = [{"Key": "environment", "Value": "staging"}]
    return World(
        "stop-instance",
        arn,
        ("ec2", "StopInstances"),
        drift=lambda: ec2.create_tags(Resources=[name], Tags=other),
        lasts=True,
        probe=("nonproduction-rests", {"what": arn}),
    )


def stop_database() -> World:
    """A database of the test environment, which runs."""
    rds = estate.client("rds")
    said: dict[str, Any] = {"DBInstanceClass": "db.t4g.micro", "Engine": "postgres", "AllocatedStorage": 20}
    who = {"MasterUsername": "shop", "MasterUserPassword": "only-a-test"}
    rds.create_db_instance(DBInstanceIdentifier="shop-test", **said, **who, Tags=SPARE)
    other = [{"Key": "environment", "Value": "staging"}]
    return World(
        "stop-database",
        DATABASE,
        ("rds", "StopDBInstance"),
        drift=lambda: rds.add_tags_to_resource(ResourceName=DATABASE, Tags=other),
        lasts=True,
        probe=("nonproduction-rests", {"what": DATABASE}),
    )


def a_group(name: str = "shop-test") -> str:
    """A group of two instances, of one to four; gives its ARN."""
    scaling = estate.client("autoscaling")
    scaling.create_launch_configuration(LaunchConfigurationName="l", ImageId=IMAGE, InstanceType="t4g.micro")
    tag = {"ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True}
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchConfigurationName="l",
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=2,
        AvailabilityZones=[f"{REGION}a"],
        Tags=[tag | SPARE[0]],
    )
    found = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return str(found[0]["AutoScalingGroupARN"])


def resize(name: str, **sizes: int) -> None:
    """By another hand."""
    estate.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=name, **sizes)


def stop_group() -> World:
    """A group of the test environment, with two instances."""
    arn = a_group()
    return World(
        "stop-group",
        arn,
        ("autoscaling", "UpdateAutoScalingGroup"),
        drift=partial(resize, "shop-test", DesiredCapacity=3),
        lasts=True,
        probe=("group-is-within", {"group": arn, "least": 0, "most": 0}),
    )


def bound_group() -> World:
    """A group that may grow to four instances."""
    arn = a_group("web")
    return World(
        "bound-group",
        arn,
        ("autoscaling", "UpdateAutoScalingGroup"),
        {"least": 1, "most": 2},
        partial(resize, "web", MaxSize=9),
        lasts=True,
        probe=("group-is-within", {"group": arn, "least": 1, "most": 2}),
    )


def scale_table() -> World:
    """A table with little capacity."""
    dynamodb = estate.client("dynamodb")
    dynamodb.create_table(
        TableName="baskets",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    more = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 5}
    return World(
        "scale-table",
        TABLE,
        ("dynamodb", "UpdateTable"),
        {"read": 100, "write": 50},
        lambda: dynamodb.update_table(TableName="baskets", ProvisionedThroughput=more),
        lasts=True,
    )


def scale_stream() -> World:
    """A stream of two shards."""
    kinesis = estate.client("kinesis")
    kinesis.create_stream(StreamName="clicks", ShardCount=2)
    said = {"TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"}
    return World(
        "scale-stream",
        STREAM,
        ("kinesis", "UpdateShardCount"),
        {"shards": 4},
        lambda: kinesis.update_shard_count(StreamName="clicks", **said),
        lasts=True,
    )


def retry_run() -> World:
    """A run that failed half-way."""
    runs = Runs(RUN)
    return World(
        "retry-run",
        RUN,
        ("stepfunctions", "RedriveExecution"),
        drift=lambda: runs.run.update(status="TIMED_OUT"),
        probe=("run-succeeded", {"run": RUN}),
        answers=runs.answering(),
    )


def flush_cache() -> World:
    """Caches with old prices in them."""
    caches = Caches()
    batch = {"Paths": {"Quantity": 1, "Items": ["/stock/*"]}, "CallerReference": "by hand"}
    caches.invalidations = [{"Id": "I9", "Status": "Completed", "InvalidationBatch": batch | {"CallerReference": "x"}}]
    return World(
        "flush-cache",
        DISTRIBUTION,
        ("cloudfront", "CreateInvalidation"),
        {"paths": ["/prices/*", "/baskets/total"]},
        lambda: caches.create({"InvalidationBatch": batch}),
        answers=caches.answering(),
    )


WORLDS: tuple[Callable[[], World], ...] = (
    stop_instance,
    stop_database,
    stop_group,
    bound_group,
    scale_table,
    scale_stream,
    retry_run,
    flush_cache,
)
