"""What every function of a stack is deployed with, and the settings that are known before anything is made."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_kms as kms

from edsr.policy import Library
from infra.config import Configuration
from infra.parts.boundary import boundary
from infra.parts.code import Bundles
from infra.parts.function import Deployment
from infra.parts.names import AUDIT_TABLE, BUS, DIGESTS, STATE_TABLE
from infra.parts.places import Places


def deployment(
    stack: Stack, config: Configuration, places: Places, source: Path, policies: Path, settings: Mapping[str, str]
) -> Deployment:
    """Made once for a stack: its boundary, layers and key, with the catalogue of services at `source`."""
    return Deployment(
        config=config,
        places=places,
        key=kms.Key.from_key_arn(stack, "Key", places.key),
        boundary=boundary(stack, config, places),
        bundles=Bundles(stack, policies),
        services=Library.at(source, config.values).services(),
        settings=settings,
    )


def fixed(config: Configuration, places: Places) -> dict[str, str]:
    """Settings that are known before anything is made."""
    return {
        "state_table": STATE_TABLE,
        "audit_table": AUDIT_TABLE,
        "machine": places.machine,
        "export_bucket": places.export_bucket,
        "anchor_key": places.anchor_key,
        "bus": BUS,
        "digest_topic": places.here("sns", DIGESTS),
        "subject_rate": str(config.rates.subject),
        "service_rate": str(config.rates.service),
        "api_rate": str(config.rates.api),
        "global_rate": str(config.rates.everywhere),
    }
