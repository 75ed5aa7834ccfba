"""What must outlive every deployment: the tables of the protocol, the exported audit, and the key to all of it."""

from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.config import Configuration, ObjectLock
from infra.parts.lake import Lake
from infra.parts.nag import acknowledge
from infra.parts.names import (
    ANCHOR_KEY_PARAMETER,
    AUDIT_STREAM_PARAMETER,
    AUDIT_TABLE,
    EXPORT_BUCKET_PARAMETER,
    KEY_PARAMETER,
    RESULTS_BUCKET_PARAMETER,
    STATE_TABLE,
)

TEXT, NUMBER = dynamodb.AttributeType.STRING, dynamodb.AttributeType.NUMBER
COLD = s3.StorageClass.GLACIER_INSTANT_RETRIEVAL
COLD_AFTER = Duration.days(90)
RESULTS_KEPT = Duration.days(30)

ACCESS = "CloudTrail's data events say who touched an object; an access log needs a bucket that asks the same question"
UNFITTING = {
    "AwsSolutions-S1": ACCESS,
    "NIST.800.53.R5-S3BucketLoggingEnabled": ACCESS,
    "NIST.800.53.R5-S3BucketReplicationEnabled": "The table is the first copy and this bucket the second; a third, in "
    "another region, is the choice of who deploys",
}
PASSING = {
    "NIST.800.53.R5-S3BucketVersioningEnabled": "What a query came to can be asked again",
    "NIST.800.53.R5-S3BucketDefaultLockEnabled": "What a query came to can be asked again",
}
ROTATED = ("AwsSolutions-KMS5", "NIST.800.53.R5-KMSBackingKeyRotationEnabled")
BACKED_UP = {
    "NIST.800.53.R5-DynamoDBInBackupPlan": "Point-in-time recovery covers every second of the last 35 days; what is "
    "older is in the export"
}


class Stateful(Stack):
    """One key; the tables `edsr-state` and `edsr-audit`; the export, and what it is asked with."""

    def __init__(self, scope: Construct, identity: str, config: Configuration, **stack: Any) -> None:
        super().__init__(scope, identity, description="EDSR: state, audit and its export", **stack)
        self._config = config
        self._kept = RemovalPolicy.DESTROY if config.destroyable else RemovalPolicy.RETAIN
        self._key = self._make_key()

        state = self._table("State", STATE_TABLE, dynamodb.Attribute(name="sk", type=TEXT))
        state.add_global_secondary_index(
            index_name="GSI1",
            partition_key=dynamodb.Attribute(name="open", type=TEXT),
            sort_key=dynamodb.Attribute(name="next_check_at", type=NUMBER),
        )
        audit = self._table(
            "Audit",
            AUDIT_TABLE,
            dynamodb.Attribute(name="seq", type=NUMBER),
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        )
        export = self._export_bucket()
        results = self._results_bucket()
        Lake(self, config, export, results, self._key)

        acknowledge(state, BACKED_UP)
        acknowledge(audit, BACKED_UP)
        acknowledge(export, UNFITTING)
        acknowledge(results, UNFITTING | PASSING)
        self._say(AUDIT_STREAM_PARAMETER, audit.table_stream_arn or "")
        self._say(EXPORT_BUCKET_PARAMETER, export.bucket_name)
        self._say(RESULTS_BUCKET_PARAMETER, results.bucket_name)
        self._say(ANCHOR_KEY_PARAMETER, self._anchor_key().key_arn)
        self._say(KEY_PARAMETER, self._key.key_arn)

    def _table(self, identity: str, name: str, sort_key: dynamodb.Attribute, **more: Any) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            identity,
            table_name=name,
            partition_key=dynamodb.Attribute(name="pk", type=TEXT),
            sort_key=sort_key,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self._key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute="ttl",
            deletion_protection=not self._config.destroyable,
            removal_policy=self._kept,
            **more,
        )

    def _export_bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Export",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            object_lock_default_retention=self._retention(),
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="cold",
                    transitions=[s3.Transition(storage_class=COLD, transition_after=COLD_AFTER)],
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
            removal_policy=self._kept,
        )

    def _results_bucket(self) -> s3.Bucket:
        """What auditors' queries came to: apart from the export, for it goes after a month."""
        return s3.Bucket(
            self,
            "Results",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self._key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="gone",
                    expiration=RESULTS_KEPT,
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
            removal_policy=self._kept,
        )

    def _retention(self) -> s3.ObjectLockRetention | None:
        match self._config.object_lock:
            case None:
                return None
            case ObjectLock(mode="GOVERNANCE", days=days):
                return s3.ObjectLockRetention.governance(Duration.days(days))
            case ObjectLock(days=days):
                return s3.ObjectLockRetention.compliance(Duration.days(days))

    def _make_key(self) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            description="EDSR: state, audit, export and logs",
            enable_key_rotation=True,
            removal_policy=self._kept,
        )
        here = f"{self.region}:{self.account}"
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogGroupsOfTheSuite",
                principals=[iam.ServicePrincipal(f"logs.{self.region}.amazonaws.com")],
                actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
                resources=["*"],
                conditions={
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": [
                            f"arn:{self.partition}:logs:{here}:log-group:/aws/lambda/edsr-*",
                            f"arn:{self.partition}:logs:{here}:log-group:/aws/vendedlogs/apis/edsr-*",
                            f"arn:{self.partition}:logs:{here}:log-group:/aws/vendedlogs/states/edsr-*",
                        ]
                    }
                },
            )
        )
        return key

    def _anchor_key(self) -> kms.Key:
        """Signs where the chains stand. Nobody has its other half; a key that signs is not rotated by AWS."""
        key = kms.Key(
            self,
            "AnchorKey",
            description="EDSR: signs the anchors of the audit",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=self._kept,
        )
        acknowledge(key, dict.fromkeys(ROTATED, "AWS rotates no asymmetric key, and old anchors have to verify"))
        return key

    def _say(self, parameter: str, value: str) -> None:
        ssm.StringParameter(self, parameter.rsplit("/", 1)[1], parameter_name=parameter, string_value=value)
