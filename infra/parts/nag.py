"""Rules of the packs that do not fit, each with its reason beside the resource it is about."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Say for a construct, and everything within it, why these rules (id -> reason) do not apply."""
    Validations.of(construct).acknowledge(*(Acknowledgment(id=rule, reason=said) for rule, said in reasons.items()))
