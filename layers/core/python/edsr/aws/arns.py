"""ARNs as readers take them apart."""

import re

from edsr.errors import Refused

_ARN = re.compile(r"arn:[^:]+:(?P<service>[^:]+):[^:]*:[0-9]{12}:(?P<resource>[\w/.+=@:-]+)", re.ASCII)


def resource_of(arn: str, service: str, prefix: str = "") -> str:
    """What an ARN names below a prefix: `shop/checkout` of arn:aws:ecs:…:service/shop/checkout. Refused for another."""
    match = _ARN.fullmatch(arn)
    if not match or match["service"] != service or not match["resource"].startswith(prefix):
        raise Refused(f"{arn} is not the ARN of a {service} {prefix.rstrip('/:') or 'resource'}")
    return match["resource"].removeprefix(prefix)
