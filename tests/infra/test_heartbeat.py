"""The heartbeat's way as it is deployed: the Scheduler puts it, a rule takes it, and two alarms miss it."""

from tests.infra.reading import Assembly


def test_one_is_put_on_the_default_bus_each_minute(dev: Assembly) -> None:
    schedule = dev.compute.one("AWS::Scheduler::Schedule", Name="edsr-heartbeat-each-minute")
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule["Target"]["Arn"].endswith(":event-bus/default")
    rule = dev.compute.one("AWS::Events::Rule", Name="edsr-heartbeat")
    assert schedule["Target"]["EventBridgeParameters"]["Source"] in rule["EventPattern"]["source"]
    assert "EventBusName" not in rule


def test_the_scheduler_may_put_events_and_nothing_else(dev: Assembly) -> None:
    schedule = dev.compute.one("AWS::Scheduler::Schedule", Name="edsr-heartbeat-each-minute")
    name = schedule["Target"]["RoleArn"].strip("<>").removesuffix(".Arn")
    role = dev.compute.of("AWS::IAM::Role")[name]
    ((policy,),) = ([item["PolicyDocument"]["Statement"] for item in role["Policies"]],)
    assert [statement["Action"] for statement in policy] == ["events:PutEvents"]
    trust = role["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Condition"]["StringEquals"]["aws:SourceArn"].endswith(":schedule-group/default")


def test_one_that_is_missed_pages_within_the_minute_and_silence_is_no_good_sign(dev: Assembly) -> None:
    missing = dev.compute.one("AWS::CloudWatch::Alarm", AlarmName="edsr-heartbeat-missing")
    assert (missing["Period"], missing["EvaluationPeriods"], missing["Threshold"]) == (60, 1, 0)
    silent = dev.compute.one("AWS::CloudWatch::Alarm", AlarmName="edsr-heartbeat-silent")
    assert (silent["Period"], silent["EvaluationPeriods"], silent["TreatMissingData"]) == (60, 1, "breaching")
    machine = dev.compute.one("AWS::CloudWatch::Alarm", AlarmName="edsr-machine-silent")
    assert (machine["Period"], machine["EvaluationPeriods"], machine["TreatMissingData"]) == (3600, 2, "breaching")
    assert machine["MetricName"] == "ExecutionsSucceeded"


def test_a_series_that_is_begun_anew_pages_for_it_is_silent_until_it_has_learned(dev: Assembly) -> None:
    anew = dev.compute.one("AWS::CloudWatch::Alarm", AlarmName="edsr-series-begun-anew")
    assert (anew["MetricName"], anew["Threshold"]) == ("BegunAnew", 0)
    assert anew["Dimensions"] == [{"Name": "service", "Value": "edsr"}]


def test_each_poll_has_its_clock(dev: Assembly) -> None:
    alarms = dev.compute.one("AWS::Events::Rule", Name="edsr-poll-alarms")
    assert alarms["ScheduleExpression"] == "rate(1 minute)"
    assert alarms["Targets"][0]["Input"] == '{"v": 1, "poll": "alarms"}'
    health = dev.compute.one("AWS::Events::Rule", Name="edsr-poll-health")
    assert health["ScheduleExpression"] == "rate(10 minutes)"
