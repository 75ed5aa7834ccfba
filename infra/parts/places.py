"""Where the suite's own resources are: their ARNs, by names that are fixed or that another stack tells."""

from functools import cached_property

from aws_cdk import CfnParameter, Stack

from infra.parts.names import (
    ANCHOR_KEY_PARAMETER,
    AUDIT_STREAM_PARAMETER,
    BUS,
    EXPORT_BUCKET_PARAMETER,
    KEY_PARAMETER,
    MACHINE,
    PAGE_PARAMETER,
    RESULTS_BUCKET_PARAMETER,
)


class Places:
    """Where the suite's own resources are, as a stack that does not own them knows it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.export_bucket = self._told("ExportBucket", EXPORT_BUCKET_PARAMETER)
        self.audit_stream = self._told("AuditStream", AUDIT_STREAM_PARAMETER)
        self.key = self._told("KeyArn", KEY_PARAMETER)
        self.anchor_key = self._told("AnchorKeyArn", ANCHOR_KEY_PARAMETER)
        self.results_bucket = self._told("ResultsBucket", RESULTS_BUCKET_PARAMETER)
        self.page_key = ""
        """Made and known by the stack of the page alone."""

    def table(self, name: str) -> str:
        """The ARN of a table."""
        return self.here("dynamodb", f"table/{name}")

    def queue(self, name: str) -> str:
        """The ARN of a queue."""
        return self.here("sqs", name)

    def rule(self, name: str) -> str:
        """The ARN of a rule, or of several with a `*`; on another bus `<bus>/<rule>`."""
        return self.here("events", f"rule/{name}")

    @cached_property
    def page_url(self) -> str:
        """Where the page of approvals is, for a stack that does not make it."""
        return self._told("PageUrl", PAGE_PARAMETER)

    @property
    def machine(self) -> str:
        """The ARN of the one state machine."""
        return self.here("states", f"stateMachine:{MACHINE}")

    @property
    def executions(self) -> str:
        """The ARNs of its executions."""
        return self.here("states", f"execution:{MACHINE}:*")

    @property
    def bus(self) -> str:
        """The ARN of the suite's bus."""
        return self.here("events", f"event-bus/{BUS}")

    @property
    def bucket(self) -> str:
        """The ARN of the export's bucket."""
        return f"arn:{self.stack.partition}:s3:::{self.export_bucket}"

    def _told(self, identity: str, parameter: str) -> str:
        """Read from the parameter store when the stack is deployed, so that the stacks share no export."""
        value = CfnParameter(self.stack, identity, type="AWS::SSM::Parameter::Value<String>", default=parameter)
        return value.value_as_string

    def here(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return f"arn:{self.stack.partition}:{service}:{self.stack.region}:{self.stack.account}:{resource}"
