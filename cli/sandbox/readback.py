"""Read back what the templates asked for: set what was dropped, and name every difference that remains."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from botocore.exceptions import ClientError

from cli.sandbox.amend import AMENDS
from cli.sandbox.deploy import Clients
from cli.sandbox.kept import DROPPED, kept_only, several
from cli.sandbox.readers import ASKED, READERS
from cli.sandbox.resolve import UNKNOWN, unlike
from cli.sandbox.resources import Difference, Resource, resources_of
from cli.sandbox.tags import LISTERS, listed

# Asked for, and nothing there to compare with.
UNREADABLE = {
    ("AWS::CloudFormation::Stack", "TemplateURL"): "a nested stack's resources are read like those of any other",
    ("AWS::KMS::Key", "PendingWindowInDays"): "only a deletion shows it, and the sandbox is thrown away whole",
}
CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")  # their properties are only for their own function


@dataclass(frozen=True)
class Host:
    """What functions really get, in Lambda's words.

    `substitutes` are layers that were not deployed as synthesized; `iam` says whether policies are enforced.
    """

    runtime: str
    architecture: str
    substitutes: int = 0
    iam: bool = False


def wanted(resource: Resource, clients: Clients) -> dict[str, Any]:
    """What the resource asks for and can be compared."""
    rewrite = ASKED.get(resource.type)
    effective = rewrite(clients, resource.asked) if rewrite else resource.asked
    asked = {name: value for name, value in effective.items() if (resource.type, name) not in UNREADABLE}
    return {**asked, "Tags": listed(asked["Tags"])} if "Tags" in asked else asked


def held(resource: Resource, clients: Clients) -> dict[str, Any]:
    """What the engine has of it."""
    got = dict(READERS[resource.type](clients, resource.physical, resource.asked))
    if resource.type in LISTERS and "Tags" in resource.asked:
        got["Tags"] = listed(LISTERS[resource.type](clients, resource.physical, resource.arn))
    return got


def compared(resource: Resource, asked: Mapping[str, Any], got: Mapping[str, Any]) -> list[Difference]:
    """Property by property; one that refers to what nobody can know is a difference too."""
    unknown = [
        resource.differs(name, value, "", "refers to what cannot be known here, so only the rest is compared")
        for name, value in asked.items()
        if UNKNOWN in str(value)
    ]
    return unknown + [resource.differs(*found, meaning(resource.type, found[0])) for found in unlike(asked, got)]


def meaning(kind: str, path: str) -> str:
    return DROPPED.get((kind, path.split(".")[0]), "the engine drops or changes it")


def read(resource: Resource, clients: Clients) -> list[Difference]:
    """Where the engine differs from what this resource asked for."""
    if not resource.status.endswith("_COMPLETE"):
        return [resource.differs("", "", resource.status, "it was not made")]
    if resource.type.startswith(CUSTOM):
        return []
    if resource.type not in READERS:
        return [resource.differs("", "", "", "not read back")]
    try:
        return compared(resource, wanted(resource, clients), held(resource, clients))
    except ClientError as error:
        return [resource.differs("", "", "", f"cannot be read back: {error}")]


def amended(resource: Resource, found: list[Difference], clients: Clients) -> list[Difference]:
    """Set what was dropped and can be set; what still differs then."""
    tops = dict.fromkeys(difference.property.split(".")[0] for difference in found)
    amends = {
        name: AMENDS[resource.type, name]
        for name in tops
        if (resource.type, name) in AMENDS and UNKNOWN not in str(resource.asked[name])
    }
    refused = []
    for name, amend in amends.items():
        try:
            amend(clients, resource.physical, resource.asked[name])
        except ClientError as error:
            refused.append(resource.differs(name, resource.asked[name], "", f"cannot be set: {error}"))
    again = read(resource, clients) if amends else found
    said = {difference.property for difference in refused}
    return refused + [difference for difference in again if difference.property.split(".")[0] not in said]


def host(resources: list[Resource], real: Host) -> Iterator[Difference]:
    """Functions run under the engine's own interpreter, with layers of this host, whatever they ask for."""
    functions = [resource for resource in resources if resource.type == "AWS::Lambda::Function"]
    python = real.runtime.replace("python", "Python ")
    for name, default, got, why in (
        ("Runtime", "", real.runtime, f"functions run under {python}, the engine's own"),
        ("Architectures", ["x86_64"], [real.architecture], f"functions run on this host, which is {real.architecture}"),
    ):
        for asked in dict.fromkeys(str(resource.asked.get(name, default)) for resource in functions):
            if asked != str(got):
                yield Difference("every function", "AWS::Lambda::Function", name, asked, str(got), why)
    if real.substitutes:
        why = "compiled packages only load where they were built for: these come from the same lock"
        which = f"layers built for this host ({real.substitutes})"
        yield Difference(which, "AWS::Lambda::LayerVersion", "Content", "as synthesized", "another build", why)


def merged(found: list[tuple[Resource, Difference]]) -> Iterator[Difference]:
    """The same thing missing from many resources of a type is said once."""

    def same(pair: tuple[Resource, Difference]) -> tuple[str, ...]:
        difference = pair[1]
        return difference.type, difference.property, difference.why, difference.got

    for _, group in groupby(sorted(found, key=same), key=same):
        pairs = list(group)
        first = pairs[0][1]
        if len(pairs) == 1:
            yield first
        else:
            asked = {difference.asked for _, difference in pairs}
            shown = first.asked if len(asked) == 1 else "each its own"
            resource = several([resource for resource, _ in pairs])
            yield Difference(resource, first.type, first.property, shown, first.got, first.why)


def readback(clients: Clients, real: Host) -> list[Difference]:
    """Compare everything deployed with its templates."""
    stacks = clients("cloudformation").describe_stacks()["Stacks"]
    resources = [resource for stack in stacks for resource in resources_of(stack, clients)]
    found: list[tuple[Resource, Difference]] = []
    for resource in resources:
        differences = read(resource, clients)
        left = amended(resource, differences, clients) if differences else []
        found += [(resource, difference) for difference in left]
    return [*merged(found), *host(resources, real), *kept_only(resources, iam=real.iam)]
