"""Where things stand, cheaply: how many incidents there are in which state, and what waits in the queues."""

from collections import Counter
from typing import NamedTuple

from cli.account import Account
from edsr.aws.items import plain
from edsr.model import OPEN, State
from edsr.protocol import keys

FINDINGS = "edsr-findings"
COUNTED = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class Standing(NamedTuple):
    """One look at the tables and at the queue of findings."""

    states: Counter[State]
    waiting: int

    @property
    def incidents(self) -> int:
        """How many there are."""
        return self.states.total()

    @property
    def admitted(self) -> int:
        """Those that were taken up."""
        return self.incidents - self.states[State.SUPPRESSED]

    @property
    def open(self) -> int:
        """Those that have not ended."""
        return sum(self.states[state] for state in OPEN)

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way that can be seen."""
        return not self.open and not self.waiting


def look(account: Account) -> Standing:
    """Look once."""
    items = account.scan(
        "edsr-state",
        FilterExpression="#sk = :head",
        ProjectionExpression="#st",
        ExpressionAttributeNames={"#sk": "sk", "#st": "st"},
        ExpressionAttributeValues={":head": {"S": keys.HEAD}},
    )
    states = Counter(State(plain(item)["st"]) for item in items)
    return Standing(states, depths(account)[FINDINGS])


def depths(account: Account) -> dict[str, int]:
    """How many messages each queue of the suite holds."""
    sqs = account.client("sqs")
    found = {}
    for url in sqs.list_queues(QueueNamePrefix="edsr-")["QueueUrls"]:
        said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTED))["Attributes"]
        found[url.rsplit("/", 1)[-1]] = sum(int(said.get(name, 0)) for name in COUNTED)
    return found


def open_ones(account: Account) -> list[str]:
    """What keeps it from being at rest, a line each."""
    items = account.scan(
        "edsr-state",
        FilterExpression="attribute_exists(#open)",
        ProjectionExpression="#pk, #st",
        ExpressionAttributeNames={"#open": "open", "#pk": "pk", "#st": "st"},
    )
    said = [f"{plain(item)['pk'].removeprefix('INC#')} is {plain(item)['st']}" for item in items]
    return [*said, *(f"queue {name} holds {depth}" for name, depth in depths(account).items() if depth)]
