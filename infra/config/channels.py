"""Channels: the ways in which an environment's people are told, as its file names them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Secret = Annotated[str, Field(pattern=r"^[A-Za-z0-9/_+=.@-]{1,512}$")]
Https = Annotated[str, Field(pattern=r"^https://[^\s\"<>]{1,2000}$")]


class _Channel(BaseModel):
    """What every channel says: which notices it wants. What is left out is not asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    levels: tuple[Literal["page", "ticket"], ...] = ()
    owners: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def wanted(self) -> dict[str, list[str]]:
        """The fields of a notice that are asked for, as an event pattern has them."""
        asked = {"level": self.levels, "owner": self.owners, "service": self.services, "source": self.sources}
        return {field: list(values) for field, values in asked.items() if values}


class Email(_Channel):
    """Addresses, through a topic of the channel's own."""

    kind: Literal["email"]
    to: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")], ...] = Field(min_length=1)


class PagerDuty(_Channel):
    """Events API v2. `secret` is the name of a secret in Secrets Manager that holds the integration's routing key."""

    kind: Literal["pagerduty"]
    secret: Secret
    url: Https = "https://events.pagerduty.com/v2/enqueue"


class Slack(_Channel):
    """A message in a channel. `secret` names the secret that holds `Bearer` and a bot's token."""

    kind: Literal["slack"]
    secret: Secret
    channel: Annotated[str, Field(pattern=r"^[#@]?[A-Za-z0-9_-]{1,80}$")]
    url: Https = "https://slack.com/api/chat.postMessage"


class Webhook(_Channel):
    """The whole notice, posted as JSON. `secret` names the secret that holds the value of the Authorization header."""

    kind: Literal["webhook"]
    secret: Secret
    url: Https


class OpsItem(_Channel):
    """An OpsItem of Systems Manager for each notice; repeats are one. No rule can close it: whoever sees to it does."""

    kind: Literal["opsitem"]

    def wanted(self) -> dict[str, list[str]]:
        """Only what asks for somebody: that it is over would open another."""
        return super().wanted() | {"action": ["trigger"]}


Channel = Annotated[Email | PagerDuty | Slack | Webhook | OpsItem, Field(discriminator="kind")]
Channels = dict[Name, Channel]
