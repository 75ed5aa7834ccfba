"""An assembly is deployed as it was written, in order, and a failure names what failed."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.sandbox.deploy import Asset, DeployError, deploy, stacks_of
from tests.sandbox.estate import Estate


def written(folder: Path, **stacks: dict[str, Any]) -> Path:
    """An assembly with these stacks: name -> {"resources": ..., "after": [names]}."""
    artifacts = {}
    for name, stack in stacks.items():
        template = f"{name}.template.json"
        (folder / template).write_text(json.dumps({"Resources": stack["resources"]}))
        destination = {"bucketName": "assets-${AWS::AccountId}-${AWS::Region}", "objectKey": template}
        file = {"source": {"path": template, "packaging": "file"}, "destinations": {"here": destination}}
        (folder / f"{name}.assets.json").write_text(json.dumps({"files": {name: file}}))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": template},
            "dependencies": [f"{name}.assets", *stack["after"]],
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def test_a_stack_comes_after_those_it_depends_on(tmp_path: Path) -> None:
    folder = written(tmp_path, last={"resources": {}, "after": ["first"]}, first={"resources": {}, "after": []})
    assert [stack.name for stack in stacks_of(folder)] == ["first", "last"]


def test_an_asset_is_replaced_by_any_of_its_names(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("other")
    asset = Asset(frozenset({"digest", "Layer/Code"}), tmp_path / "own", packed=False, bucket="b", key="k")
    assert asset.body({"Layer/Code": tmp_path / "other"}) == b"other"


def test_a_substitute_for_no_asset_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, Any={"resources": {}, "after": []})
    with pytest.raises(DeployError, match="No asset of this assembly is called stale"):
        deploy(folder, Estate(1).client, {"stale": tmp_path})


@pytest.mark.sandbox
def test_a_resource_that_fails_is_named_with_its_type_and_reason(seamed: Estate, tmp_path: Path) -> None:
    bad = {"Any": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "ALARM(nobody)"}}}
    with pytest.raises(DeployError, match=r"(?s)Failing.*Any \(AWS::CloudWatch::CompositeAlarm\): .*nobody"):
        deploy(written(tmp_path, Failing={"resources": bad, "after": []}), seamed.client, {})


@pytest.mark.sandbox
def test_a_type_the_engine_does_not_know_is_named(seamed: Estate, tmp_path: Path) -> None:
    unknown = {"Odd": {"Type": "AWS::Nothing::OfTheKind"}}
    with pytest.raises(DeployError, match=r"Unknown.*AWS::Nothing::OfTheKind"):
        deploy(written(tmp_path, Unknown={"resources": unknown, "after": []}), seamed.client, {})
