"""Deploy a CDK cloud assembly, as it was synthesized, through the engine's public CloudFormation API."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from cli.sandbox.engine import SandboxError

ACCOUNT, REGION = "000000000000", "us-east-1"
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version", "30"
STACK_SECONDS = 120.0

Clients = Callable[[str], Any]
Progress = Callable[[str], None]


class DeployError(SandboxError):
    """A stack could not be deployed; the message names the resource, its type and the engine's reason."""


@dataclass(frozen=True)
class Stack:
    """One stack of the assembly. `dependencies` are names of stacks."""

    name: str
    template: Path
    assets: Path
    dependencies: frozenset[str]


def stacks_of(assembly: Path) -> list[Stack]:
    """The assembly's stacks, each after those it depends on."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks = {
        key: Stack(
            name=found["properties"].get("stackName", key),
            template=assembly / found["properties"]["templateFile"],
            assets=assembly / found["properties"]["templateFile"].replace(".template.json", ".assets.json"),
            dependencies=frozenset(found.get("dependencies", ())),
        )
        for key, found in artifacts.items()
        if found["type"] == "aws:cloudformation:stack"
    }
    order = TopologicalSorter({key: stack.dependencies & stacks.keys() for key, stack in stacks.items()})
    return [stacks[key] for key in order.static_order()]


def zipped(folder: Path) -> bytes:
    """The folder's files as one archive, with their modes; lightly packed, for it only crosses the loopback."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(folder))
    return body.getvalue()


@dataclass(frozen=True)
class Asset:
    """A file asset and where the template expects it."""

    names: frozenset[str]  # hash, display name and path: a substitute may be given by any of them
    source: Path
    packed: bool
    bucket: str
    key: str

    def body(self, substitute: Mapping[str, Path]) -> bytes:
        source = next((substitute[name] for name in sorted(self.names) if name in substitute), self.source)
        return zipped(source) if self.packed and source.is_dir() else source.read_bytes()


def assets_of(stack: Stack) -> Iterator[Asset]:
    for digest, found in json.loads(stack.assets.read_text())["files"].items():
        destination = next(iter(found["destinations"].values()))
        source = found["source"]
        yield Asset(
            names=frozenset(filter(None, (digest, found.get("displayName"), source["path"]))),
            source=stack.assets.parent / source["path"],
            packed=source.get("packaging") == "zip",
            bucket=destination["bucketName"].replace("${AWS::AccountId}", ACCOUNT).replace("${AWS::Region}", REGION),
            key=destination["objectKey"],
        )


def upload(stack: Stack, clients: Clients, substitute: Mapping[str, Path], done: set[str]) -> str:
    """Put the stack's assets where its template looks for them; the address of the template itself."""
    s3, address = clients("s3"), ""
    for asset in assets_of(stack):
        if asset.key not in done:
            if asset.bucket not in done:
                s3.create_bucket(Bucket=asset.bucket)
            s3.put_object(Bucket=asset.bucket, Key=asset.key, Body=asset.body(substitute))
            done |= {asset.key, asset.bucket}
        if asset.source == stack.template:
            address = f"{s3.meta.endpoint_url}/{asset.bucket}/{asset.key}"
    return address


def poll(read: Callable[[], str], name: str, waiting: Callable[[], str] = str) -> str:
    """Wait until a status is no longer in progress. `waiting` says for what, should it take too long."""
    deadline = time.monotonic() + STACK_SECONDS
    while (status := read()).endswith(("_PENDING", "_IN_PROGRESS")):
        if time.monotonic() > deadline:
            raise DeployError(f"Stack {name} is still {status} after {STACK_SECONDS:.0f} s{waiting()}")
        time.sleep(0.05)
    return status


def unfinished(cloudformation: Any, name: str) -> str:
    """What has begun and not ended: mostly a custom resource whose function fails without an answer."""
    listed = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    waited = [each for each in listed if each["ResourceStatus"].endswith("_IN_PROGRESS")]
    return "".join(f"\n  {each['LogicalResourceId']} ({each['ResourceType']})" for each in waited)


def failures(cloudformation: Any, name: str) -> str:
    """What failed first, resource by resource: later failures are cancellations."""
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    failed.sort(key=lambda event: event["Timestamp"])
    lines = [
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason', 'no reason')}"
        for event in failed
        if event["ResourceType"] != "AWS::CloudFormation::Stack" or len(failed) == 1
    ]
    return "\n".join(lines)


def apply(stack: Stack, address: str, cloudformation: Any) -> None:
    """Create the stack by a change set."""
    change = cloudformation.create_change_set(
        StackName=stack.name,
        ChangeSetName="edsr",
        ChangeSetType="CREATE",
        TemplateURL=address,
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        OnStackFailure="DO_NOTHING",
    )["Id"]
    described = cloudformation.describe_change_set
    if poll(lambda: str(described(ChangeSetName=change)["Status"]), stack.name) == "FAILED":
        raise DeployError(f"Stack {stack.name} is refused: {described(ChangeSetName=change).get('StatusReason')}")
    cloudformation.execute_change_set(ChangeSetName=change)
    status = poll(
        lambda: str(cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]["StackStatus"]),
        stack.name,
        lambda: unfinished(cloudformation, stack.name),
    )
    if status != "CREATE_COMPLETE":
        raise DeployError(f"Stack {stack.name} ended {status}\n{failures(cloudformation, stack.name)}")


def silently(_what: str) -> None:
    """Progress nobody watches."""


def deploy(
    assembly: Path, clients: Clients, substitute: Mapping[str, Path], progress: Progress = silently
) -> list[Stack]:
    """Deploy every stack, in order of dependency. `substitute`: other content for an asset, by any of its names."""
    stacks = stacks_of(assembly)
    known = frozenset[str]().union(*(asset.names for stack in stacks for asset in assets_of(stack)))
    if stray := substitute.keys() - known:
        raise DeployError(f"No asset of this assembly is called {', '.join(sorted(stray))}: synthesize it anew")
    clients("ssm").put_parameter(Name=BOOTSTRAP[0], Value=BOOTSTRAP[1], Type="String", Overwrite=True)
    done: set[str] = set()
    for stack in stacks:
        progress(f"stack {stack.name}")
        address = upload(stack, clients, substitute, done)
        try:
            apply(stack, address, clients("cloudformation"))
        except clients("cloudformation").exceptions.ClientError as error:
            raise DeployError(f"Stack {stack.name} is refused: {error}") from error
    return stacks
