"""The settings of each stage: one model writes the environment at synth and reads it in the function."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from edsr.errors import EdsrError
from edsr.limits import Rate

PREFIX = "EDSR_"


class SettingsInvalid(EdsrError):
    """The environment lacks a setting, or has one that cannot be read."""


class Settings(BaseModel):
    """Field `state_table` is the environment variable `EDSR_STATE_TABLE`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read from an environment; SettingsInvalid names what is missing or wrong."""
        given = {
            name: environment[PREFIX + name.upper()]
            for name in cls.model_fields
            if PREFIX + name.upper() in environment
        }
        try:
            return cls.model_validate(given)
        except ValidationError as exc:
            wrong = "; ".join(f"{PREFIX}{str(error['loc'][0]).upper()}: {error['msg']}" for error in exc.errors())
            raise SettingsInvalid(f"{cls.__name__}: {wrong}") from exc

    def write(self) -> dict[str, str]:
        """The environment that `read` reads back."""
        return {PREFIX + name.upper(): str(value) for name, value in self.model_dump(mode="json").items()}


class Detect(Settings):
    """Where findings and unreadable events go, and where techniques keep their notes."""

    findings_queue: str
    quarantine_queue: str
    state_table: str


class Forward(Settings):
    """The bus that events are put on, and where messages go that cannot be read."""

    bus: str
    quarantine_queue: str


class Tables(Settings):
    """The two tables of the protocol."""

    state_table: str
    audit_table: str


class Route(Tables):
    """The route, by its API's id, that people's requests come through."""

    route: str


class Asked(Route):
    """The page's own route, the key that its forms are signed with, the claim of a token that names a person, and how
    the ARNs begin of the sessions that people have in this account."""

    page_key: str
    claim: str
    sessions: str


class Page(Settings):
    """Who says who people are, as whom the page asks them, and where the page itself is."""

    issuer: str
    client_id: str
    page_url: str


class Rated(Tables):
    """How many remediations may begin on one subject and in one service, and how many intents there may be of one API,
    in one account and Region, and at all."""

    subject_rate: Rate
    service_rate: Rate
    api_rate: Rate
    global_rate: Rate


class Act(Rated):
    """A hand counts what it does by these rates."""


class Decide(Rated):
    """Where admitted incidents are run, and unreadable findings kept."""

    machine: str
    quarantine_queue: str


class Sweep(Tables):
    """The machine whose executions are looked after, and where it is told what did not come."""

    machine: str
    findings_queue: str


class Record(Tables):
    """Where the audit is exported to and announced on, and read again for what an end adds to the measures."""

    export_bucket: str
    bus: str


class Digest(Settings):
    """The topic that digests are published to."""

    digest_topic: str


class Notify(Tables):
    """The bus that notices are put on, where announcements go that cannot be read, and where the page of approvals is;
    nothing where there is none."""

    bus: str
    quarantine_queue: str
    page_url: str = ""


class Rehearse(Tables):
    """The bus that people are told over."""

    bus: str


class Comparing(Settings):
    """The audit and its export."""

    audit_table: str
    export_bucket: str


class Anchoring(Settings):
    """The export that is signed, and the key's ARN."""

    export_bucket: str
    anchor_key: str


class Verify(Settings):
    """Probes need nothing of ours."""
