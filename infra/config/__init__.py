"""What differs between dev, staging and prod: one JSON file each, beside this module."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from edsr.limits import Rate, read
from edsr.model import Mode
from edsr.policy.library import json_path
from edsr.policy.services import EnvironmentPeople
from infra.config.channels import Channels
from infra.errors import ConfigurationInvalid

FOLDER = Path(__file__).parent

Retention = Literal["ONE_WEEK", "TWO_WEEKS", "ONE_MONTH", "THREE_MONTHS", "SIX_MONTHS", "ONE_YEAR", "TWO_YEARS"]
"""How long logs are kept, in the words of the CDK."""


class _Configured(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda name: name.replace("_", "-"), populate_by_name=True
    )


class ObjectLock(_Configured):
    """How long nobody can delete an exported record, and whether anyone may overrule that."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"]
    days: int = Field(ge=1)


class Rates(_Configured):
    """How often something may be done, each written `10/PT1M`."""

    subject: Rate
    service: Rate
    api: Rate = read("10/PT1M")
    everywhere: Rate = Field(alias="global")


OURS = (":edsr-", "/aws/lambda/edsr-", "/aws/vendedlogs/states/edsr-")
"""In the names of the suite's own topics and logs; were they feeds, it would tell itself for ever what it tells."""


def _of_others(name: str) -> str:
    if any(mark in name for mark in OURS):
        raise ValueError("the suite's own topics and logs cannot be feeds: it would hear itself")
    return name


Topic = Annotated[
    str, Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$"), AfterValidator(_of_others)
]
Group = Annotated[str, Field(pattern=r"^[A-Za-z0-9_./#-]+$", max_length=512), AfterValidator(_of_others)]


class Feeds(_Configured):
    """What comes over no bus and is forwarded: SNS topics by their ARNs, and log groups, each with the filter pattern
    of the lines that are wanted."""

    topics: tuple[Topic, ...] = ()
    logs: dict[Group, str] = {}


Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]


class Trail(_Configured):
    """The trail that the audit is compared with: its bucket, where in it the Regions' folders are, and which of them
    hold calls of the suite's: its own, and us-east-1 for services that are global."""

    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    prefix: str = Field(pattern=r"^[A-Za-z0-9!_.*'()/-]+[^/]$")
    regions: tuple[Region, ...] = Field(min_length=1)


class Otlp(_Configured):
    """Where metrics are sent to in OpenTelemetry's format: a collector that takes what Firehose delivers, over HTTPS on
    port 443, and the secret that holds its access key as `{"api_key": ...}`."""

    endpoint: Annotated[str, Field(pattern=r"^https://[A-Za-z0-9.-]+(/[A-Za-z0-9._~/-]*)?$", max_length=1000)]
    secret: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*?]+$")]


class SignIn(_Configured):
    """Who says who people are, for the page of approvals: an OpenID Connect issuer, the client that it knows the page
    as (public, with PKCE), and the `claim` of its token that names a person. `url` is where people reach the page when
    that is a name of your own in front of it. An issuer on this machine is the sandbox's."""

    issuer: Annotated[str, Field(pattern=r"^(https://[A-Za-z0-9._~:/-]+|http://localhost:[0-9]+(/[a-z-]+)?)$")]
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/-]{1,256}$")]
    claim: Literal["email", "preferred_username", "sub"] = "email"
    url: Annotated[str, Field(pattern=r"^(https://[A-Za-z0-9.-]+|http://localhost:[0-9]+)$")] | None = None


class Configuration(_Configured):
    """One environment.

    `page_emails` are woken, `digest_emails` told the measures each week and month. `rates` are how many remediations
    may begin on one subject and in one service, and how many intents there may be of one API in one account and Region,
    and at all. `modes` overrides the mode of a policy here; `reserved_roles` are names of roles that no function may
    touch. `people` are those who may answer and switch for every service, and alone may switch `all`. `feeds` are what
    the forwarder is subscribed to, `channels` the ways, beside the topic of the pages, in which people are told.
    Without a `trail` nobody can ask which calls the audit lacks; with `otlp` a collector is told the metrics as well,
    and with a `sign_in` people may answer on a page.
    """

    environment: str
    account: Annotated[str, Field(pattern=r"^\d{12}$")] = "000000000000"
    region: Region = "us-east-1"
    log_retention: Retention
    destroyable: bool
    object_lock: ObjectLock | None
    stream_window_seconds: int = Field(ge=0, le=300)
    reserved_roles: tuple[str, ...]
    page_emails: tuple[str, ...]
    digest_emails: tuple[str, ...] = ()
    people: EnvironmentPeople
    rates: Rates
    modes: dict[str, Mode]
    feeds: Feeds = Feeds()
    trail: Trail | None = None
    channels: Channels = {}
    otlp: Otlp | None = None
    sign_in: SignIn | None = None

    @property
    def values(self) -> dict[str, str]:
        """What fills `${account}` and `${region}` in the catalogue of services."""
        return {"account": self.account, "region": self.region}


def environments(folder: Path = FOLDER) -> list[str]:
    """The environments there are."""
    return sorted(file.stem for file in folder.glob("*.json"))


def load(environment: str, given: Mapping[str, Any] | None = None, folder: Path = FOLDER) -> Configuration:
    """Read an environment; what is `given` and not None goes before what its file says. Raises ConfigurationInvalid."""
    if environment not in environments(folder):
        known = ", ".join(environments(folder))
        raise ConfigurationInvalid(f"there is no environment {environment!r}; there are {known} (-c environment=...)")
    file = folder / f"{environment}.json"
    said = {name: value for name, value in (given or {}).items() if value is not None}
    try:
        return Configuration.model_validate(json.loads(file.read_text("utf-8")) | said | {"environment": environment})
    except ValidationError as exc:
        first = exc.errors()[0]
        raise ConfigurationInvalid(f"{file.name}: {json_path(first['loc'])}: {first['msg']}") from exc
    except json.JSONDecodeError as exc:
        raise ConfigurationInvalid(f"{file.name}: not JSON: {exc}") from exc
