"""What moves by itself in a customer's estate: figures, an autoscaler, and messages on their way."""

from collections.abc import Callable

from cli.gameday.happenings import Figure, Flow, Sample, Scaler
from cli.gameday.measuring import Point
from cli.gameday.place import Place
from edsr.ports import utc_now

FLOWS = 0.5
"""Seconds between two times that messages move."""

AT_ONCE = 10
"""What SQS takes or gives at once."""

Read = Callable[[Figure], float]


class Owed:
    """Whole messages of a rate that is none: what is left over is owed the next time."""

    def __init__(self) -> None:
        self._rest = 0.0

    def take(self, amount: float) -> int:
        """How many are due now."""
        whole, self._rest = divmod(self._rest + amount, 1)
        return int(whole)


def sampled(said: Sample, figure: Read, stage: Place) -> Point:
    """A figure as it is now; CloudWatch gets it too where it is a metric."""
    value = figure(said)
    if metric := said.metric:
        dimensions = [{"Name": name, "Value": text} for name, text in metric.dimensions.items()]
        datum = {"MetricName": metric.name, "Dimensions": dimensions, "Value": value}
        stage.own("cloudwatch").put_metric_data(Namespace=metric.namespace, MetricData=[datum])
    return Point(utc_now(), value)


def scale(said: Scaler, stage: Place) -> None:
    """One step towards what the autoscaler wants, within the bounds of its target."""
    if said.wants is None:
        return
    ecs = stage.client("ecs")
    service = ecs.describe_services(cluster=said.cluster, services=[said.name])["services"][0]
    asked = stage.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[f"service/{said.cluster}/{said.name}"]
    )
    bounds = asked["ScalableTargets"][0]
    goal = min(max(said.wants, bounds["MinCapacity"]), bounds["MaxCapacity"])
    now = int(service["desiredCount"])
    then = min(goal, now + said.step) if goal > now else max(goal, now - said.step)
    if then != now:
        ecs.update_service(cluster=said.cluster, service=said.name, desiredCount=then)


def flow(said: Flow, queue: str, owed: Owed, figure: Read, stage: Place) -> None:
    """As many messages as are due come into the queue, or are taken out."""
    rate = said.rate * (figure(said.of) if said.of else 1)
    throttle = figure(said.most) if said.most else -1
    due = owed.take(FLOWS * (min(rate, throttle) if throttle >= 0 else rate))
    move = _put if said.way == "in" else _take
    while due > 0:
        some = min(due, AT_ONCE)
        move(stage, queue, some)
        due -= some


def _put(stage: Place, queue: str, some: int) -> None:
    entries = [{"Id": str(n), "MessageBody": "{}"} for n in range(some)]
    stage.own("sqs").send_message_batch(QueueUrl=queue, Entries=entries)


def _take(stage: Place, queue: str, some: int) -> None:
    sqs = stage.own("sqs")
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=some).get("Messages", [])
    if found:
        done = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(found)]
        sqs.delete_message_batch(QueueUrl=queue, Entries=done)
