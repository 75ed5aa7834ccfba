"""How many tasks a backlog takes: rounded up, within the bounds, and the same a moment later."""

import pytest

from edsr.errors import Gone, Refused
from edsr.policy import Library
from plan.selectors import tasks_for_backlog
from tests import estate
from tests.aws.capacity import QUEUE, WORKERS

ARGS = {"service": WORKERS, "queue": QUEUE, "each": 2, "least": 2, "most": 10, "by": 3}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("waiting", "tasks"), [(0, 2), (1, 3), (6, 3), (7, 6), (12, 6), (13, 9), (50, 10)])
def test_the_backlog_over_what_each_may_have_is_rounded_up_within_bounds(
    waiting: int, tasks: int, library: Library
) -> None:
    url = estate.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    for _ in range(waiting):
        estate.client("sqs").send_message(QueueUrl=url, MessageBody="an order")
    assert tasks_for_backlog.select(estate.client, library, ARGS) == {WORKERS: {"tasks": tasks}}


def test_bounds_that_cross_are_refused(library: Library) -> None:
    with pytest.raises(Refused, match="cannot both be"):
        tasks_for_backlog.select(estate.client, library, ARGS | {"least": 11})


@pytest.mark.usefixtures("aws")
def test_a_queue_that_is_not_there_is_gone(library: Library) -> None:
    with pytest.raises(Gone):
        tasks_for_backlog.select(estate.client, library, ARGS)
