"""Telemetry: the suite's metrics in OpenTelemetry's format, as CloudWatch streams them, to a collector of your own.

A metric stream (OpenTelemetry 1.0) hands them to Firehose, which delivers them over HTTPS. Collectors take that with a
receiver for Firehose, such as `awsfirehose` with the encoding for metric streams.
"""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from constructs import Construct

from edsr.indicators.table import INDICATORS
from edsr.metrics import NAMESPACE
from infra.config import Otlp
from infra.parts.function import INLINE, Deployment
from infra.parts.nag import acknowledge
from infra.parts.names import ROLES

NAME = "edsr-metrics"
FORMAT = "opentelemetry1.0"
UNDELIVERED = "undelivered-metrics/"
KEPT = f"arn:<AWS::Partition>:s3:::<ResultsBucket>/{UNDELIVERED}*"
"""What is kept, as cdk-nag writes it."""

WAITS = 60
"""Seconds that Firehose waits for more, or until it has a megabyte."""

RETRIED = 300


class Telemetry(Construct):
    """The stream, how it is delivered, and the roles of both. What is not delivered is kept with queries' results."""

    def __init__(self, scope: Construct, deployment: Deployment, said: Otlp) -> None:
        super().__init__(scope, "Telemetry")
        self._deployment = deployment
        delivery = self._delivery(said)
        may = iam.PolicyStatement(
            actions=["firehose:PutRecord", "firehose:PutRecordBatch"], resources=[delivery.attr_arn]
        )
        role = self._role("Streams", "streams.metrics.cloudwatch.amazonaws.com", [may])
        cloudwatch.CfnMetricStream(
            self,
            "Stream",
            name=NAME,
            output_format=FORMAT,
            firehose_arn=delivery.attr_arn,
            role_arn=role.role_arn,
            include_filters=[cloudwatch.CfnMetricStream.MetricStreamFilterProperty(namespace=NAMESPACE)],
            statistics_configurations=[_percentiles()],
        )

    def _delivery(self, said: Otlp) -> firehose.CfnDeliveryStream:
        stream = firehose.CfnDeliveryStream
        role = self._role("Delivers", "firehose.amazonaws.com", self._delivering(said))
        acknowledge(role, {f"AwsSolutions-IAM5[Resource::{KEPT}]": "Firehose names what it could not deliver itself"})
        bucket = stream.S3DestinationConfigurationProperty(
            bucket_arn=self._bucket, prefix=UNDELIVERED, role_arn=role.role_arn, compression_format="GZIP"
        )
        delivery = stream(
            self,
            "Delivery",
            delivery_stream_name=NAME,
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=stream.DeliveryStreamEncryptionConfigurationInputProperty(
                key_type="AWS_OWNED_CMK"
            ),
            http_endpoint_destination_configuration=stream.HttpEndpointDestinationConfigurationProperty(
                endpoint_configuration=stream.HttpEndpointConfigurationProperty(url=said.endpoint, name="collector"),
                secrets_manager_configuration=stream.SecretsManagerConfigurationProperty(
                    enabled=True, role_arn=role.role_arn, secret_arn=said.secret
                ),
                request_configuration=stream.HttpEndpointRequestConfigurationProperty(content_encoding="GZIP"),
                buffering_hints=stream.BufferingHintsProperty(interval_in_seconds=WAITS, size_in_m_bs=1),
                retry_options=stream.RetryOptionsProperty(duration_in_seconds=RETRIED),
                s3_backup_mode="FailedDataOnly",
                s3_configuration=bucket,
                role_arn=role.role_arn,
            ),
        )
        delivery.node.add_dependency(role)
        return delivery

    @property
    def _bucket(self) -> str:
        places = self._deployment.places
        return f"arn:{places.stack.partition}:s3:::{places.results_bucket}"

    def _delivering(self, said: Otlp) -> Sequence[iam.PolicyStatement]:
        places, bucket = self._deployment.places, self._bucket
        through = {"StringEquals": {"kms:ViaService": [f"s3.{places.stack.region}.amazonaws.com"]}}
        return [
            iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[said.secret]),
            iam.PolicyStatement(
                actions=["s3:AbortMultipartUpload", "s3:PutObject"], resources=[f"{bucket}/{UNDELIVERED}*"]
            ),
            iam.PolicyStatement(
                actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], resources=[bucket]
            ),
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[places.key], conditions=through
            ),
        ]

    def _role(self, name: str, service: str, granted: Sequence[iam.PolicyStatement]) -> iam.Role:
        here = {"StringEquals": {"aws:SourceAccount": self._deployment.config.account}}
        role = iam.Role(
            self,
            name,
            path=ROLES,
            description=f"What {service} may do with the suite's metrics",
            assumed_by=iam.ServicePrincipal(service, conditions=here),
            permissions_boundary=self._deployment.boundary,
            inline_policies={"delivers": iam.PolicyDocument(statements=list(granted))},
        )
        acknowledge(role, {"NIST.800.53.R5-IAMNoInlinePolicy": INLINE})
        return role


def _percentiles() -> cloudwatch.CfnMetricStream.MetricStreamStatisticsConfigurationProperty:
    """What a measure is the median of needs more than sum, count, least and greatest."""
    medians = sorted({one.metric for one in INDICATORS if one.statistic == "median"} | {"DetectSeconds"})
    stream = cloudwatch.CfnMetricStream
    return stream.MetricStreamStatisticsConfigurationProperty(
        additional_statistics=["p50", "p99"],
        include_metrics=[
            stream.MetricStreamStatisticsMetricProperty(namespace=NAMESPACE, metric_name=name) for name in medians
        ],
    )
