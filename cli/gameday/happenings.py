"""What may happen on a game day: each kind of happening with what it needs to know."""

from typing import Annotated, Any, Literal

from pydantic import Field

from cli.gameday.faults import Fault
from edsr.indicators.labels import Label
from edsr.policy.words import Document, Expression, Id, Text

Seconds = Annotated[float, Field(gt=0, le=300)]
DO: Any = Field(title="Do", description="What happens.")
Values = dict[str, Any]
"""Texts in it may hold ${name}: what a call before kept, or account, region, now and n."""


class Said(Document):
    """What every happening may say of itself, in the report's timeline."""

    say: Text | None = Field(default=None, title="Say", description="What it is, for people; left out, it is not told.")


class Function(Said):
    """A function with two releases, its alias `live` on the first, and the alarm canary-NAME-errors."""

    do: Literal["function"] = DO
    name: Id = Field(title="Name", description="The function's name.")
    releases: tuple[list[str], list[str]] | None = Field(
        default=None, title="Releases", description="Lines of code of two releases; the second fails when left out."
    )


class Traffic(Said):
    """Customers begin to call a function's alias `live`."""

    do: Literal["traffic"] = DO
    function: Id = Field(title="Function", description="Which one.")
    every: Seconds = Field(default=0.25, title="Every", description="Seconds between two calls.")


class Release(Said):
    """The second release goes out: the alias moves on, and remembers what was good."""

    do: Literal["release"] = DO
    function: Id = Field(title="Function", description="Which one.")


class Ask(Document):
    """A call of an AWS API, in the customer's name."""

    service: Text = Field(title="Service", description="As boto3 names it.")
    operation: Text = Field(title="Operation", description="As boto3 names it, such as create_queue.")
    with_: Values = Field(default={}, alias="with", title="With", description="Its parameters.")


class Call(Ask, Said):
    """A call of which something is kept for later."""

    do: Literal["call"] = DO
    each: int = Field(default=1, ge=1, le=1000, title="Each", description="How often, with ${n} counting up from 1.")
    keep: dict[Id, Expression] = Field(default={}, title="Keep", description="Names, and JMESPaths into the answer.")


class Looks(Ask):
    """A call, and what has to be found in its answer."""

    find: Expression = Field(title="Find", description="A JMESPath into the answer.")
    is_: Any = Field(alias="is", title="Is", description="What has to be found there; a list means one of these.")


class Send(Said):
    """An event comes over the bus, as AWS would send it, as if it happened now."""

    do: Literal["send"] = DO
    event: Text = Field(title="Event", description="A file below tests/events.")
    with_: Values = Field(default={}, alias="with", title="With", description="What differs from the file.")
    times: int = Field(default=1, ge=1, le=1000, title="Times", description="How many copies, at once.")
    each: int = Field(default=1, ge=1, le=1000, title="Each", description="How many, with ${n} counting up from 1.")
    among: int = Field(default=1, ge=1, le=1000, title="Among", description="${m} begins anew after so many.")


class Break(Said):
    """From now on something goes wrong."""

    do: Literal["fault"] = DO
    fault: Fault = Field(title="Fault", description="What.")


class Lift(Said):
    """Nothing goes wrong any more."""

    do: Literal["lift"] = DO


class Wait(Looks, Said):
    """Wait until it is found."""

    do: Literal["wait"] = DO
    within: Seconds = Field(default=300, title="Within", description="Seconds.")


class Settle(Said):
    """Wait until so many incidents are in one of these states."""

    do: Literal["settle"] = DO
    states: list[Text] = Field(min_length=1, title="States", description="Such as RESOLVED.")
    policy: Id | None = Field(default=None, title="Policy", description="Only incidents of this policy.")
    count: int = Field(default=1, ge=1, title="Count", description="How many.")
    within: Seconds = Field(default=300, title="Within", description="Seconds.")


class Sweep(Said):
    """The sweep looks now, instead of within a minute."""

    do: Literal["sweep"] = DO


class Person(Said):
    """A person answers the plan that waits."""

    do: Literal["person"] = DO
    who: Id = Field(title="Who", description="Their name.")
    answer: Literal["approve", "reject"] = Field(title="Answer", description="What they say.")
    policy: Id | None = Field(default=None, title="Policy", description="Whose plan, when several wait.")


class Labels(Said):
    """A person has looked at an incident that has ended, and says what it was."""

    do: Literal["label"] = DO
    who: Id = Field(title="Who", description="Their name.")
    about: Text = Field(title="About", description="A part of the ARN of what the incident is about.")
    label: Label = Field(title="Label", description="What it was.")


class Switch(Said):
    """A person stops automation, or lets it go on."""

    do: Literal["switch"] = DO
    who: Id = Field(title="Who", description="Their name.")
    turn: Literal["off", "on"] = Field(title="Turn", description="Which way.")
    scope: Text = Field(title="Scope", description="Such as policy:cost-spike.")


class Restart(Said):
    """The engine stops with whatever is under way, and starts again on what it kept."""

    do: Literal["restart"] = DO


class Pause(Said):
    """Time passes."""

    do: Literal["pause"] = DO
    seconds: Seconds = Field(title="Seconds", description="How much.")


class Figure(Ask):
    """A figure that a call gives."""

    find: Expression = Field(title="Find", description="A JMESPath to the figure, or to a text of digits.")


class Metric(Document):
    """A metric of CloudWatch."""

    namespace: Text = Field(title="Namespace", description="Such as AWS/SQS.")
    name: Text = Field(title="Name", description="The metric's name.")
    dimensions: dict[Text, Text] = Field(default={}, title="Dimensions", description="Names and values.")


class Sample(Figure, Said):
    """From now on a figure is read again and again, for measures; with `metric` CloudWatch gets it, as from AWS."""

    do: Literal["sample"] = DO
    name: Id = Field(title="Name", description="What measures call it.")
    every: Seconds = Field(default=0.5, title="Every", description="Seconds between two looks.")
    metric: Metric | None = Field(default=None, title="Metric", description="Where it is published too.")


class Scaler(Said):
    """From now on an autoscaler brings a service to as many tasks as it wants, within its bounds; a later one of the
    same service takes its place."""

    do: Literal["scaler"] = DO
    cluster: Text = Field(title="Cluster", description="The service's cluster.")
    name: Text = Field(title="Name", description="The service's name.")
    wants: int | None = Field(ge=0, le=1000, title="Wants", description="How many tasks; null: it is switched off.")
    step: int = Field(default=5, ge=1, title="Step", description="How many at once.")
    every: Seconds = Field(default=1, title="Every", description="Seconds between two steps.")


class Flow(Said):
    """From now on messages come into a queue, or are taken out of it, at a rate; a later one takes its place."""

    do: Literal["flow"] = DO
    way: Literal["in", "out"] = Field(title="Way", description="Which way.")
    queue: Text = Field(title="Queue", description="The queue's URL.")
    rate: float = Field(gt=0, le=200, title="Rate", description="Messages in a second, of each of `of`.")
    of: Figure | None = Field(default=None, title="Of", description="How many do it, such as tasks; one when left out.")
    most: Figure | None = Field(
        default=None, title="Most", description="No more in a second, such as a throttle; none below nought."
    )


Happening = Annotated[
    Function
    | Traffic
    | Release
    | Call
    | Send
    | Break
    | Lift
    | Wait
    | Settle
    | Sweep
    | Person
    | Labels
    | Switch
    | Restart
    | Pause
    | Sample
    | Scaler
    | Flow,
    Field(discriminator="do"),
]
