"""Read a synthesized template: resources by type, and values with their references spelled out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

Properties = dict[str, Any]


def as_list(value: Any) -> list[Any]:
    """IAM writes one of something without its list."""
    return value if isinstance(value, list) else [value]


def spelled(value: Any) -> Any:
    """`{"Ref": X}` as `<X>`, `{"Fn::GetAtt": [X, Arn]}` as `<X.Arn>`, joins joined, the partition as `aws`."""
    if isinstance(value, list):
        return [spelled(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return "aws" if value["Ref"] == "AWS::Partition" else f"<{value['Ref']}>"
    if set(value) == {"Fn::GetAtt"}:
        return f"<{'.'.join(value['Fn::GetAtt'])}>"
    if set(value) == {"Fn::Join"}:
        separator, parts = value["Fn::Join"]
        return separator.join(str(spelled(part)) for part in parts)
    return {key: spelled(item) for key, item in value.items()}


@dataclass(frozen=True)
class Template:
    """One stack's template."""

    name: str
    text: str

    @cached_property
    def body(self) -> dict[str, Any]:
        """The template as it is written."""
        body: dict[str, Any] = json.loads(self.text)
        return body

    def resources(self, *types: str) -> dict[str, dict[str, Any]]:
        """Logical id -> resource, of these types or of all."""
        return {name: item for name, item in self.body["Resources"].items() if not types or item["Type"] in types}

    def of(self, *types: str) -> dict[str, Properties]:
        """Logical id -> properties, references spelled out."""
        return {name: spelled(item.get("Properties", {})) for name, item in self.resources(*types).items()}

    def one(self, kind: str, **said: Any) -> Properties:
        """The properties of the only resource of a type that says this."""
        found = [item for item in self.of(kind).values() if all(item.get(key) == value for key, value in said.items())]
        assert len(found) == 1, f"{len(found)} of {kind} with {said}"
        return found[0]

    def identity(self, kind: str, **said: Any) -> str:
        """The logical id of the only resource of a type that says this."""
        (found,) = [name for name, item in self.of(kind).items() if item == self.one(kind, **said)]
        return found

    def named(self, kind: str, key: str) -> dict[str, str]:
        """Logical id -> the name that a resource gives itself."""
        return {name: item[key] for name, item in self.of(kind).items()}

    def statements(self, kind: str = "AWS::IAM::Role") -> Iterator[tuple[str, Properties]]:
        """Every statement of every policy of a kind of resource, with the resource's logical id."""
        for name, item in self.of(kind).items():
            documents = [item["PolicyDocument"]] if "PolicyDocument" in item else []
            documents += [policy["PolicyDocument"] for policy in item.get("Policies", [])]
            for document in documents:
                for statement in document["Statement"]:
                    yield name, statement


@dataclass(frozen=True)
class Assembly:
    """A cloud assembly: its templates, and what else lies in its folder."""

    folder: Path

    def _template(self, name: str) -> Template:
        return Template(name, (self.folder / f"{name}.template.json").read_text("utf-8"))

    @cached_property
    def stateful(self) -> Template:
        """Tables, bucket, key."""
        return self._template("Edsr-Stateful")

    @cached_property
    def actions(self) -> Template:
        """What acts."""
        return self._template("Edsr-Actions")

    @cached_property
    def approvals(self) -> Template:
        """The page of approvals, where there is one."""
        return self._template("Edsr-Approvals")

    @cached_property
    def compute(self) -> Template:
        """All that every deployment replaces, what acts included: what both stacks have, they have alike."""
        body = self._template("Edsr-Compute").body
        acts = self.actions.body["Resources"]
        assert all(body["Resources"][name] == acts[name] for name in body["Resources"].keys() & acts.keys())
        return Template("Edsr-Compute", json.dumps(body | {"Resources": body["Resources"] | acts}))

    @property
    def templates(self) -> list[Template]:
        """Each as it is deployed."""
        shown = (self.folder / "Edsr-Approvals.template.json").exists()
        return [self.stateful, self.actions, self._template("Edsr-Compute"), *([self.approvals] if shown else [])]

    @cached_property
    def assets(self) -> dict[str, str]:
        """Asset id -> what it is the code of."""
        said = [json.loads(file.read_text("utf-8")) for file in sorted(self.folder.glob("Edsr-*.assets.json"))]
        return {identity: file["displayName"] for each in said for identity, file in each["files"].items()}
