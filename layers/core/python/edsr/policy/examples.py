"""A policy's own tests: an event, what is given, and what must be decided."""

from typing import Literal

from pydantic import Field

from edsr.model import Mode
from edsr.policy.words import Document, Id, Text
from edsr.times import Duration


class Given(Document):
    """What is assumed to be so in a test of the decision."""

    kill_switch: list[str] = Field(default=[], title="Kill switch", description="Scopes engaged, such as all.")
    cooldown: bool = Field(default=False, title="Cooldown", description="The subject was repaired a moment ago.")
    busy: bool = Field(default=False, title="Busy", description="Another remediation of the subject is running.")
    age: Duration | None = Field(default=None, title="Age", description="How old the finding is by now.")
    environment: str | None = Field(default=None, title="Environment", description="The subject's environment.")
    tier: int | None = Field(default=None, title="Tier", description="The subject's tier.")


class Expect(Document):
    """What the decision must be."""

    verdict: Literal["act", "observe", "escalate", "suppress", "quiet"] = Field(
        title="Verdict", description="What is decided; quiet means that the event causes no finding."
    )
    playbook: Id | None = Field(default=None, title="Playbook", description="The playbook that is chosen.")
    refused_by: str | None = Field(default=None, title="Refused by", description="A gate that does not allow it.")


class Test(Document):
    """One event, what is given, and what must be decided."""

    name: Text = Field(title="Name", description="A sentence that says what is expected.")
    event: Text = Field(title="Event", description="A file in tests/events.")
    mode: Mode | None = Field(default=None, title="Mode", description="Decide as if the policy were in this mode.")
    given: Given = Field(default=Given(), title="Given", description="What is assumed; else all is quiet.")
    expect: Expect = Field(title="Expect", description="What the decision must be.")
