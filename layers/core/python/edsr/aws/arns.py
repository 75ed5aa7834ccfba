"""ARNs as readers take them apart, and hold them against what answers to a name here."""

import re

from edsr.errors import Refused

_ARN = re.compile(r"arn:[^:]+:(?P<service>[^:]+):[^:]*:[0-9]{12}:(?P<resource>[\w/.+=@:-]+)", re.ASCII)


def resource_of(arn: str, service: str, prefix: str = "") -> str:
    """What an ARN names below a prefix: `shop/checkout` of arn:aws:ecs:…:service/shop/checkout. Refused for another."""
    match = _ARN.fullmatch(arn)
    if not match or match["service"] != service or not match["resource"].startswith(prefix):
        raise Refused(f"{arn} is not the ARN of a {service} {prefix.rstrip('/:') or 'resource'}")
    return match["resource"].removeprefix(prefix)


def refuse_another(arn: str, found: str) -> None:
    """Refused when what has an ARN's name here is another resource: of another account or Region, or below another
    path."""
    if found != arn:
        raise Refused(f"{arn} is out of reach: what has its name here is {found}")
