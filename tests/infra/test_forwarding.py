"""What comes over no bus is wired where an environment names it: to the forwarder, and by nobody else's leave."""

from pathlib import Path
from typing import Any

import pytest

from infra.app import build
from infra.config import load
from infra.errors import ConfigurationInvalid
from tests.infra.reading import Assembly

TOPIC = "arn:aws:sns:us-east-1:000000000000:budgets"
GROUP = "/aws/lambda/checkout"
FEEDS = {"topics": [TOPIC], "logs": {GROUP: "?ERROR ?Exception"}}
PERMISSIONS = "AWS::Lambda::Permission"


def permissions(assembly: Assembly) -> list[dict[str, Any]]:
    functions = assembly.compute.named("AWS::Lambda::Function", "FunctionName")
    (forward,) = [name for name, said in functions.items() if said == "edsr-forward"]
    found = assembly.compute.of(PERMISSIONS).values()
    return [item for item in found if item["FunctionName"].strip("<>").removesuffix(".Arn") == forward]


def test_an_environment_that_names_no_feed_lets_nobody_invoke_the_forwarder(dev: Assembly) -> None:
    assert permissions(dev) == []
    assert dev.compute.of("AWS::Logs::SubscriptionFilter") == {}


def test_a_topic_and_a_log_group_that_are_named_may_invoke_it_and_do(tmp_path: Path) -> None:
    made = Assembly(build(tmp_path, "dev", given={"feeds": FEEDS}))
    allowed = {item["Principal"]: (item["SourceArn"], item.get("SourceAccount")) for item in permissions(made)}
    assert allowed == {
        "sns.amazonaws.com": (TOPIC, None),
        "logs.amazonaws.com": (f"arn:aws:logs:us-east-1:000000000000:log-group:{GROUP}:*", "000000000000"),
    }
    subscription = made.compute.one("AWS::SNS::Subscription", TopicArn=TOPIC)
    assert subscription["Protocol"] == "lambda"
    (logged,) = made.compute.of("AWS::Logs::SubscriptionFilter").values()
    assert (logged["LogGroupName"], logged["FilterPattern"]) == (GROUP, "?ERROR ?Exception")
    assert logged["DestinationArn"] == subscription["Endpoint"]


def test_what_the_forwarder_could_not_handle_ends_in_a_queue_that_is_watched(dev: Assembly) -> None:
    queue = dev.compute.one("AWS::SQS::Queue", QueueName="edsr-forward-dlq")
    assert queue["SqsManagedSseEnabled"]
    functions = dev.compute.named("AWS::Lambda::Function", "FunctionName")
    after = {
        functions[item["FunctionName"].strip("<>")]: item["DestinationConfig"]["OnFailure"]["Destination"]
        for item in dev.compute.of("AWS::Lambda::EventInvokeConfig").values()
    }
    queues = dev.compute.named("AWS::SQS::Queue", "QueueName")
    assert queues[after["edsr-forward"].strip("<>").removesuffix(".Arn")] == "edsr-forward-dlq"


@pytest.mark.parametrize(
    "feeds",
    [
        {"topics": ["arn:aws:sns:us-east-1:000000000000:edsr-pages"]},
        {"topics": ["budgets"]},
        {"logs": {"/aws/lambda/edsr-forward": "ERROR"}},
        {"logs": {"/aws/vendedlogs/states/edsr-remediate": "ERROR"}},
        {"queues": []},
    ],
)
def test_the_suite_is_no_feed_of_its_own_and_only_what_is_known_is_one(feeds: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"dev\.json: \$\.feeds"):
        load("dev", {"feeds": feeds})
