"""A local AWS for trying the product out: the engine, what closes its gaps, deploying to it and reading back."""

from cli.sandbox.engine import SandboxError
from cli.sandbox.resources import Difference
from cli.sandbox.sandbox import Sandbox, Status

__all__ = ["Difference", "Sandbox", "SandboxError", "Status"]
