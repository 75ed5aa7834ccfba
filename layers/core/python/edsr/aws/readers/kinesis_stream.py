"""kinesis:stream - how many shards a stream has, where it is not AWS that counts them."""

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="kinesis:stream",
    permissions=(Permission(actions=("kinesis:DescribeStreamSummary",), on="catalogue:kinesis:stream"),),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{shards?}`: those that are open; left out for a stream on demand. Raises Gone for one that was deleted."""
    resource_of(arn, "kinesis", "stream/")
    with named(f"reading {arn}", target=True):
        said = clients("kinesis").describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"]
    on_demand = said.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND"
    return Observed({} if on_demand else {"shards": said["OpenShardCount"]})
