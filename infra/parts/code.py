"""Code assets: one by stage, so that editing a detector changes only detect; one layer each for what they share."""

from functools import cached_property
from pathlib import Path

from aws_cdk import AssetHashType, IgnoreMode
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import FUNCTIONS, LAYERS
from infra.bundles import asset_hash, built
from infra.catalogue import Entry

RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64
COMPILED = "**/__pycache__"


class Bundles:
    """The code of each stage, and the layers, made once for all functions of a stack."""

    def __init__(self, scope: Construct, policies: Path) -> None:
        self._scope = scope
        self._stages: dict[str, lambda_.Code] = {}
        self._everywhere = [
            self._layer("Core", lambda_.Code.from_asset(str(LAYERS / "core"), exclude=[COMPILED])),
            self._layer("Policies", lambda_.Code.from_asset(str(policies))),
            self._layer("Deps", _third_party("deps")),
        ]

    def stage(self, entry: Entry) -> lambda_.Code:
        """The function's stage and no other; the paths inside are the import paths."""
        name = entry.stage
        if name not in self._stages:
            self._stages[name] = stage_code(name)
        return self._stages[name]

    def layers(self, entry: Entry) -> list[lambda_.ILayerVersion]:
        """What the function imports beside its own stage."""
        return [*self._everywhere, *([self._sdk] if entry.declared.sdk else [])]

    @cached_property
    def _sdk(self) -> lambda_.ILayerVersion:
        return self._layer("Sdk", _third_party("sdk"))

    def _layer(self, name: str, code: lambda_.Code) -> lambda_.ILayerVersion:
        return lambda_.LayerVersion(
            self._scope,
            f"{name}Layer",
            layer_version_name=f"edsr-{name.lower()}",
            code=code,
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )


def stage_code(name: str, functions: Path = FUNCTIONS) -> lambda_.Code:
    """One stage's package, and nothing beside it: editing another stage does not change it."""
    return lambda_.Code.from_asset(
        str(functions), exclude=["*", f"!{name}", f"!{name}/**", COMPILED], ignore_mode=IgnoreMode.DOCKER
    )


def _third_party(name: str) -> lambda_.Code:
    return lambda_.Code.from_asset(str(built(name)), asset_hash=asset_hash(name), asset_hash_type=AssetHashType.CUSTOM)
