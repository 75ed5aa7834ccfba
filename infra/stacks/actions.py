"""What acts: one function and one role for each action, apart from the rest, since there are many of them."""

from pathlib import Path
from typing import Any

from aws_cdk import Stack
from constructs import Construct

from infra.catalogue import discover
from infra.config import Configuration
from infra.parts.function import SuiteFunction
from infra.parts.places import Places
from infra.policies import compile_layer
from infra.stacks import setting


class Actions(Stack):
    """The hands. The machine invokes them by their names, so that the stacks share nothing but those."""

    def __init__(self, scope: Construct, identity: str, config: Configuration, source: Path, **stack: Any) -> None:
        super().__init__(scope, identity, description="EDSR: act", **stack)
        places = Places(self)
        policies, settings = compile_layer(source, config), setting.fixed(config, places)
        given = setting.deployment(self, config, places, source, policies, settings)
        for entry in discover().family("act"):
            SuiteFunction(self, given, entry)
