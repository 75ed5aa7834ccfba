"""Asking AWS within a bucket of calls, and the shape of the events that are made of the answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from edsr.aws.faults import named
from edsr.errors import EdsrError
from edsr.ports import Client, Clients
from edsr.times import epoch, iso

Event = dict[str, Any]

LATELY = timedelta(hours=1)
"""What failed no longer ago is looked for: for as long a rule tries to deliver its event."""


class Spent(EdsrError):
    """The bucket is empty: the rest is asked the next time."""


@dataclass
class Bucket:
    """Calls that may still be made: `most` at once, and as many again in each `period` seconds.

    What is only asked leaves a quarter of it for what has to be handed on.
    """

    most: int
    period: int
    tokens: int
    at: int

    def fill(self, now: datetime) -> None:
        """What has come since it was filled last."""
        gained = (epoch(now) - self.at) * self.most // self.period
        if gained > 0:
            self.tokens, self.at = min(self.most, self.tokens + gained), epoch(now)

    def take(self, *, leaving: int = 0) -> bool:
        """One call, when there is one beyond those to be left."""
        if self.tokens <= leaving:
            return False
        self.tokens -= 1
        return True


@dataclass(frozen=True)
class Ask:
    """Where a poll asks. Everything it asks counts; Spent when it has asked enough.

    `catalogued` gives the ARNs of the catalogue's resources of a kind.
    """

    clients: Clients
    bucket: Bucket
    now: datetime
    catalogued: Callable[[str], list[str]] = lambda kind: []  # noqa: ARG005

    def __call__(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """One call. Raises Spent, Off, and what `edsr.aws.faults.named` does."""
        if not self.bucket.take(leaving=self.bucket.most // 4):
            raise Spent(f"no calls are left for {service} {operation}")
        with named(f"asking {service} for {operation}", target=True):
            answer: dict[str, Any] = getattr(self.client(service), operation)(**params)
        return answer

    def client(self, service: str) -> Client:
        """The client of a service; made when it is first asked for."""
        return self.clients(service)

    @property
    def region(self) -> str:
        """The Region that is asked about."""
        return str(self.client("sts").meta.region_name)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and Region: some answers name their things by name alone."""
        _, partition, *_, account, _ = str(self._identity["Arn"]).split(":", 5)
        return f"arn:{partition}:{service}:{self.region}:{account}:{resource}"

    @cached_property
    def _identity(self) -> dict[str, Any]:
        return self("sts", "get_caller_identity")

    def pages(self, service: str, operation: str, onward: str = "NextToken", **params: Any) -> Iterator[dict[str, Any]]:
        """Every page of an answer; `onward` names what leads to the next, which is asked for by the same name."""
        more: dict[str, str] = {}
        while True:
            page = self(service, operation, **params, **more)
            yield page
            if not page.get(onward):
                return
            more = {onward: page[onward]}


def plain(value: Any) -> Any:
    """What an API answered as an event writes it: times are text."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def event(source: str, detail_type: str, arn: str, at: datetime, detail: dict[str, Any]) -> Event:
    """An event as the bus delivers it; account and Region are those of the ARN."""
    _, _, _, region, account, _ = arn.split(":", 5)
    return {
        "version": "0",
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": iso(at.replace(microsecond=0)).replace(".000Z", "Z"),
        "region": region,
        "resources": [arn],
        "detail": detail,
    }
