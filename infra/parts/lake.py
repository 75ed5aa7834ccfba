"""What auditors ask with: a database over the export and the trail, a workgroup with limits, and the named queries."""

import base64
import json
from collections.abc import Mapping, Sequence

from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.auditing.queries import Query, answerable, queries, views
from infra.auditing.tables import DATABASE, FIRST_DAY, LINES, TRAIL, WORKGROUP, Column, columns_of
from infra.config import Configuration, Trail
from infra.parts.nag import acknowledge

SCANNED = 10 * 1024**3
"""Bytes that one query may read: ten gigabytes cost five cents."""

TEXT_IN = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
LINE_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
"""Of its one column everything is part, for no line has the character that would end it."""

TRAIL_IN = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
JSON_SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
HIVE = {"varchar": "string", "integer": "int"}
OPEN_RESULTS = {
    "AwsSolutions-ATH1": "Results are encrypted with the suite's own key, and nobody who asks can change that",
}


class Lake(Construct):
    """Partitions are projected: a day's rows are there as soon as its first file is, and nothing has to be crawled."""

    def __init__(
        self, scope: Construct, config: Configuration, export: s3.IBucket, results: s3.IBucket, key: kms.IKey
    ) -> None:
        super().__init__(scope, "Lake")
        self._catalog = config.account
        self._database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=self._catalog,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=DATABASE, description="EDSR: the exported audit, and what the trail says of the same"
            ),
        )
        self._lines(export.bucket_name)
        known = {"audit_lines"}
        if trail := config.trail:
            self._trail(trail)
            known.add("trail")
        for view in answerable(views(), known).values():
            self._view(view)
            known.add(view.name)
        self._workgroup(config, results.bucket_name, key.key_arn)
        for query in answerable(queries(), known).values():
            self._named(query)

    def _lines(self, bucket: str) -> None:
        day = {"type": "date", "format": "yyyy-MM-dd", "range": f"{FIRST_DAY},NOW", "interval": "1"}
        self._table(
            "audit_lines",
            "The export, line by line; ask the view `records` instead",
            glue.CfnTable.StorageDescriptorProperty(
                columns=_columns(LINES),
                location=f"s3://{bucket}/audit/",
                input_format=TEXT_IN,
                output_format=TEXT_OUT,
                serde_info=glue.CfnTable.SerdeInfoProperty(
                    serialization_library=LINE_SERDE, parameters={"serialization.format": "1"}
                ),
            ),
            {"dt": {**day, "interval.unit": "DAYS"}},
            f"s3://{bucket}/audit/dt=${{dt}}/",
        )

    def _trail(self, trail: Trail) -> None:
        place = f"s3://{trail.bucket}/{trail.prefix}"
        day = {"type": "date", "format": "yyyy/MM/dd", "range": f"{FIRST_DAY.replace('-', '/')},NOW", "interval": "1"}
        self._table(
            "trail",
            "What CloudTrail wrote; ask the view `calls` instead",
            glue.CfnTable.StorageDescriptorProperty(
                columns=_columns(TRAIL),
                location=f"{place}/",
                input_format=TRAIL_IN,
                output_format=TEXT_OUT,
                serde_info=glue.CfnTable.SerdeInfoProperty(serialization_library=JSON_SERDE),
            ),
            {
                "region": {"type": "enum", "values": ",".join(trail.regions)},
                "day": {**day, "interval.unit": "DAYS"},
            },
            f"{place}/${{region}}/${{day}}/",
        )

    def _table(
        self,
        name: str,
        about: str,
        storage: glue.CfnTable.StorageDescriptorProperty,
        partitions: Mapping[str, Mapping[str, str]],
        template: str,
    ) -> None:
        projected = {
            f"projection.{partition}.{key}": value
            for partition, said in partitions.items()
            for key, value in said.items()
        }
        self._add(
            name,
            glue.CfnTable.TableInputProperty(
                name=name,
                description=about,
                table_type="EXTERNAL_TABLE",
                parameters={
                    "EXTERNAL": "TRUE",
                    "projection.enabled": "true",
                    **projected,
                    "storage.location.template": template,
                },
                partition_keys=[glue.CfnTable.ColumnProperty(name=one, type="string") for one in partitions],
                storage_descriptor=storage,
            ),
        )

    def _view(self, view: Query) -> None:
        """Athena keeps a view as its SQL and its columns' types, in JSON, in base64."""
        columns = columns_of(view)
        said = {
            "originalSql": view.sql,
            "catalog": "awsdatacatalog",
            "schema": DATABASE,
            "columns": [{"name": one.name, "type": one.type} for one in columns],
        }
        packed = base64.b64encode(json.dumps(said).encode()).decode()
        self._add(
            view.name,
            glue.CfnTable.TableInputProperty(
                name=view.name,
                description=view.title,
                table_type="VIRTUAL_VIEW",
                parameters={"presto_view": "true", "comment": "Presto View"},
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=_columns([Column(one.name, HIVE[one.type]) for one in columns]),
                    location="",
                    serde_info=glue.CfnTable.SerdeInfoProperty(),
                ),
                view_original_text=f"/* Presto View: {packed} */",
                view_expanded_text="/* Presto View */",
            ),
        )

    def _add(self, name: str, said: glue.CfnTable.TableInputProperty) -> None:
        made = glue.CfnTable(
            self,
            "".join(part.title() for part in name.split("_")),
            catalog_id=self._catalog,
            database_name=DATABASE,
            table_input=said,
        )
        made.add_resource_dependency(self._database)

    def _workgroup(self, config: Configuration, results: str, key: str) -> None:
        self._group = athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=WORKGROUP,
            description="EDSR: what auditors ask of the audit",
            state="ENABLED",
            recursive_delete_option=config.destroyable,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=SCANNED,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=f"s3://{results}/athena/",
                    expected_bucket_owner=config.account,
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_KMS", kms_key=key
                    ),
                ),
            ),
        )
        acknowledge(self._group, OPEN_RESULTS)

    def _named(self, query: Query) -> None:
        made = athena.CfnNamedQuery(
            self,
            "Query" + "".join(part.title() for part in query.name.split("-")),
            name=query.name,
            description=query.title,
            database=DATABASE,
            work_group=WORKGROUP,
            query_string=query.sql,
        )
        made.add_resource_dependency(self._group)


def _columns(columns: Sequence[Column]) -> list[glue.CfnTable.ColumnProperty]:
    return [glue.CfnTable.ColumnProperty(name=one.name, type=one.type) for one in columns]
