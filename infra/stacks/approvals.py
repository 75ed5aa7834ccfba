"""The page of approvals, where an environment says who says who people are; nothing of it is deployed elsewhere."""

from pathlib import Path
from typing import Any

from aws_cdk import Stack
from constructs import Construct

from infra.catalogue import discover
from infra.config import Configuration, SignIn
from infra.parts.page import Page
from infra.parts.places import Places
from infra.policies import compile_layer
from infra.stacks import setting


class Approvals(Stack):
    """The page, its key and its two functions."""

    def __init__(
        self, scope: Construct, identity: str, config: Configuration, source: Path, said: SignIn, **stack: Any
    ) -> None:
        super().__init__(scope, identity, description="EDSR: the page of approvals", **stack)
        places, page = Places(self), Page(self, config, said)
        places.page_key = page.made.page_key
        settings = {
            **setting.fixed(config, places),
            **page.made._asdict(),
            **said.model_dump(include={"issuer", "client_id", "claim"}),
            "sessions": f"arn:{self.partition}:sts::{self.account}",
        }
        page.open(setting.deployment(self, config, places, source, compile_layer(source, config), settings), discover())
