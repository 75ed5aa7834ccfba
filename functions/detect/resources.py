"""How AWS's services name resources: ARNs from names and types."""

import re
from typing import Any

from detect.envelope import arn, said
from detect.intake import section
from edsr.errors import Malformed

TYPES = {
    "EC2::Instance": ("ec2", "instance/"),
    "EC2::Volume": ("ec2", "volume/"),
    "EC2::VPC": ("ec2", "vpc/"),
    "EC2::SecurityGroup": ("ec2", "security-group/"),
    "Lambda::Function": ("lambda", "function:"),
    "S3::Bucket": ("s3", ""),
}
"""What has an ARN that follows from its name, as Config writes its type; Security Hub and Inspector write others."""

ATTACKED = (
    ("eksClusterDetails", "arn"),
    ("ecsClusterDetails", "arn"),
    ("lambdaDetails", "functionArn"),
    ("rdsDbInstanceDetails", "dbInstanceArn"),
)
"""Where GuardDuty names what it saw attacked by an ARN."""

ROOT = re.compile(r"AWS::::Account:\d{12}|\d{12}")
"""How findings name an account where they would name a resource."""

SPELLED = re.compile(r"^(?:AWS::|Aws|AWS_)|[:_]")


def named(event: dict[str, Any], name: str, kind: str) -> str:
    """The ARN of a resource by what it is called and of which type it is; empty when it does not follow from these."""
    if name.startswith("arn:"):
        return name
    wanted = SPELLED.sub("", kind).lower()
    for known, (service, before) in TYPES.items():
        if name and wanted == known.replace("::", "").lower():
            found = arn(event, service, f"{before}{name}")
            return f"{':'.join(found.split(':')[:3])}:::{name}" if service == "s3" else found
    return ""


def listed(value: Any) -> list[Any]:
    """A list as it is; nothing instead of anything else."""
    return value if isinstance(value, list) else []


def first_of(value: Any) -> dict[str, Any]:
    """The first of a list, where it is a map; an empty one instead of anything else."""
    first = next(iter(listed(value)), None)
    return first if isinstance(first, dict) else {}


def concerned(event: dict[str, Any], name: str, kind: str, finder: str) -> str:
    """The ARN of what is concerned. What has none that could be told from its name is named below what found it."""
    if ROOT.fullmatch(name):
        return arn(event, "iam", "root", region=False)
    if found := named(event, name, kind):
        return found
    if not name:
        raise Malformed("the finding names no resource")
    return f"{finder or arn(event, 'config', 'resource')}/{kind}/{name}"


def attacked(event: dict[str, Any], resource: dict[str, Any]) -> str:
    """What GuardDuty saw attacked, as an ARN; the account itself where it names nothing that has one."""
    if instance := said(resource, "instanceDetails", "instanceId"):
        return arn(event, "ec2", f"instance/{instance}")
    direct = [said(resource, *path) for path in ATTACKED]
    buckets = [said(one, "arn") for one in listed(resource.get("s3BucketDetails"))]
    if found := next((one for one in (*direct, *buckets) if one.startswith("arn:")), ""):
        return found
    keys = section(resource, "accessKeyDetails")
    entity = {"IAMUser": "user", "AssumedRole": "role", "Role": "role"}.get(said(keys, "userType"))
    name = said(keys, "userName")
    return arn(event, "iam", f"{entity}/{name}" if entity and name else "root", region=False)
