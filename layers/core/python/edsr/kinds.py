"""Kinds of resources, as an ARN tells them."""

import re

PLAIN = {"s3": "s3:bucket", "sqs": "sqs:queue", "sns": "sns:topic"}
"""Whose ARNs end with the name alone."""


def kind_of(resource: str) -> str:
    """`service:type` of what an ARN names; `account` for an account as a whole."""
    _, _, service, _, _, name = (*resource.split(":", 5), *[""] * 6)[:6]
    if service == "iam" and name == "root":
        return "account"
    kind, mark, _ = re.split(r"([/:])", f"{name}", maxsplit=1) if re.search("[/:]", name) else (name, "", "")
    return (f"{service}:{kind}" if mark else PLAIN.get(service, f"{service}:resource"))[:64]
