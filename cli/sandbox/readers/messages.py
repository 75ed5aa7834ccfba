"""Read queues, topics, rules and schedules back as a template would write them."""

from typing import Any

from cli.sandbox.deploy import Clients

Properties = dict[str, Any]


def queue_attributes(clients: Clients, url: str) -> Properties:
    return dict(clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])


def queue(clients: Clients, url: str, _asked: Properties) -> Properties:
    return {**queue_attributes(clients, url), "QueueName": url.rsplit("/", 1)[-1]}


def queue_policy(clients: Clients, _name: str, asked: Properties) -> Properties:
    """All its queues must carry it: the first that does not decides."""
    policies = [queue_attributes(clients, url).get("Policy") for url in asked["Queues"]]
    return {"Queues": asked["Queues"], "PolicyDocument": None if None in policies else policies[0]}


def topic(clients: Clients, arn: str, _asked: Properties) -> Properties:
    attributes = clients("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    return {**attributes, "TopicName": arn.rsplit(":", 1)[-1]}


def topic_policy(clients: Clients, _name: str, asked: Properties) -> Properties:
    policies = [
        clients("sns").get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy") for arn in asked["Topics"]
    ]
    return {"Topics": asked["Topics"], "PolicyDocument": None if None in policies else policies[0]}


def subscription(clients: Clients, arn: str, _asked: Properties) -> Properties:
    return dict(clients("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"])


def rule(clients: Clients, name: str, asked: Properties) -> Properties:
    where = {"EventBusName": asked.get("EventBusName", "default")}
    short = name.rsplit("/", 1)[-1].rsplit("|", 1)[-1]
    found = clients("events").describe_rule(Name=short, **where)
    return {**found, "Targets": clients("events").list_targets_by_rule(Rule=short, **where)["Targets"]}


def event_bus(clients: Clients, name: str, _asked: Properties) -> Properties:
    return dict(clients("events").describe_event_bus(Name=name))


def archive(clients: Clients, name: str, _asked: Properties) -> Properties:
    found = clients("events").describe_archive(ArchiveName=name)
    return {**found, "SourceArn": found["EventSourceArn"]}


def schedule(clients: Clients, name: str, asked: Properties) -> Properties:
    where = {"GroupName": asked["GroupName"]} if "GroupName" in asked else {}
    return dict(clients("scheduler").get_schedule(Name=name.rsplit("|", 1)[-1].rsplit("/", 1)[-1], **where))


def schedule_group(clients: Clients, name: str, _asked: Properties) -> Properties:
    return dict(clients("scheduler").get_schedule_group(Name=name))


READERS = {
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SNS::Subscription": subscription,
    "AWS::Events::Rule": rule,
    "AWS::Events::EventBus": event_bus,
    "AWS::Events::Archive": archive,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::Scheduler::ScheduleGroup": schedule_group,
}
