"""Read tables, buckets and parameters back as a template would write them."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from cli.sandbox.deploy import REGION, Clients

Properties = dict[str, Any]


def table(clients: Clients, name: str, _asked: Properties) -> Properties:
    dynamodb = clients("dynamodb")
    found = dynamodb.describe_table(TableName=name)["Table"]
    lifetime = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    insights = dynamodb.describe_contributor_insights(TableName=name).get("ContributorInsightsStatus")
    sealed = found.get("SSEDescription", {})
    return {
        **found,
        "BillingMode": found.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "TimeToLiveSpecification": {**lifetime, "Enabled": lifetime.get("TimeToLiveStatus") == "ENABLED"},
        "PointInTimeRecoverySpecification": {
            **recovery,
            "PointInTimeRecoveryEnabled": recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
        },
        "ContributorInsightsSpecification": {"Enabled": insights in ("ENABLED", "ENABLING")},
        "SSESpecification": {
            "SSEEnabled": sealed.get("Status") == "ENABLED",
            "SSEType": sealed.get("SSEType"),
            "KMSMasterKeyId": sealed.get("KMSMasterKeyArn"),
        },
    }


def global_table(clients: Clients, name: str, asked: Properties) -> Properties:
    found = table(clients, name, asked)
    return {**found, "Replicas": [{**found, "Region": REGION}]}


def setting(read: Callable[..., Any], name: str, key: str) -> Any:
    """A bucket's setting; nothing when there is none, which S3 says by an error."""
    try:
        return read(Bucket=name).get(key)
    except ClientError as error:
        if error.response["Error"]["Code"].startswith(
            ("NoSuch", "ObjectLockConfigurationNotFound", "ServerSide", "Own")
        ):
            return None
        raise


def lifecycle_rule(rule: Properties) -> Properties:
    """A rule as the template writes it, from the API's shape."""
    expiration, noncurrent = rule.get("Expiration", {}), rule.get("NoncurrentVersionExpiration", {})
    return {
        "Id": rule.get("ID"),
        "Status": rule["Status"],
        "Prefix": rule.get("Prefix", rule.get("Filter", {}).get("Prefix")),
        "ExpirationInDays": expiration.get("Days"),
        "ExpiredObjectDeleteMarker": expiration.get("ExpiredObjectDeleteMarker"),
        "NoncurrentVersionExpiration": noncurrent,
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
        "Transitions": [
            {"StorageClass": move["StorageClass"], "TransitionInDays": move.get("Days")}
            for move in rule.get("Transitions", ())
        ],
    }


def encryption(rules: Properties | None) -> Properties:
    found = (rules or {}).get("Rules", ())
    default = "ApplyServerSideEncryptionByDefault"
    return {
        "ServerSideEncryptionConfiguration": [
            {**rule, "ServerSideEncryptionByDefault": rule.get(default)} for rule in found
        ]
    }


def bucket(clients: Clients, name: str, _asked: Properties) -> Properties:
    s3 = clients("s3")
    lock = setting(s3.get_object_lock_configuration, name, "ObjectLockConfiguration")
    rules = setting(s3.get_bucket_lifecycle_configuration, name, "Rules")
    sealed = setting(s3.get_bucket_encryption, name, "ServerSideEncryptionConfiguration")
    notified = s3.get_bucket_notification_configuration(Bucket=name)
    return {
        "BucketName": name,
        "VersioningConfiguration": {"Status": setting(s3.get_bucket_versioning, name, "Status")},
        "ObjectLockEnabled": (lock or {}).get("ObjectLockEnabled") == "Enabled",
        "ObjectLockConfiguration": lock,
        "PublicAccessBlockConfiguration": setting(s3.get_public_access_block, name, "PublicAccessBlockConfiguration"),
        "OwnershipControls": setting(s3.get_bucket_ownership_controls, name, "OwnershipControls"),
        "LifecycleConfiguration": {"Rules": [lifecycle_rule(rule) for rule in rules or ()]},
        "BucketEncryption": encryption(sealed),
        "LoggingConfiguration": setting(s3.get_bucket_logging, name, "LoggingEnabled"),
        "NotificationConfiguration": {
            "EventBridgeConfiguration": {"EventBridgeEnabled": "EventBridgeConfiguration" in notified}
        },
    }


def bucket_policy(clients: Clients, _name: str, asked: Properties) -> Properties:
    found = clients("s3").get_bucket_policy(Bucket=asked["Bucket"])["Policy"]
    return {"Bucket": asked["Bucket"], "PolicyDocument": found}


def parameter(clients: Clients, name: str, _asked: Properties) -> Properties:
    ssm = clients("ssm")
    found = ssm.get_parameter(Name=name)["Parameter"]
    named = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    described = ssm.describe_parameters(ParameterFilters=named)["Parameters"][0]
    return {**described, **found}


READERS = {
    "AWS::DynamoDB::Table": table,
    "AWS::DynamoDB::GlobalTable": global_table,
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::SSM::Parameter": parameter,
}
