"""What an AWS error means to us, by one of our own classes."""

from collections.abc import Iterator
from contextlib import contextmanager

from edsr.errors import Denied, Gone, Off, Rejected, Transient

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "KMSAccessDeniedException",
    "KmsAccessDenied",
    "NotAuthorized",
    "UnauthorizedOperation",
}
_GONE = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "ApplicationDoesNotExistException",
    "AutomationDefinitionNotFoundException",
    "AutomationDefinitionVersionNotFoundException",
    "ClusterNotFoundException",
    "DBInstanceNotFound",
    "DBInstanceNotFoundFault",
    "ExecutionDoesNotExist",
    "DeploymentDoesNotExistException",
    "DeploymentGroupDoesNotExistException",
    "InvalidGroup.NotFound",
    "InvalidInstanceID.NotFound",
    "InvalidSecurityGroupRuleId.NotFound",
    "NoSuchDistribution",
    "NoSuchEntity",
    "NotFound",
    "NotFoundException",
    "ObjectNotFoundException",
    "QueueDoesNotExist",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "RuleNotFound",
    "ServiceNotActiveException",
    "StateMachineDoesNotExist",
    "ServiceNotFoundException",
    "TrailNotFoundException",
}
_OFF = {"InvalidAccessException", "SubscriptionRequiredException"}
"""How Security Hub says so, and AWS Health in an account without the support plan that opens its API."""

_TRANSIENT = {
    "AutomationExecutionLimitExceededException",
    "ExecutionLimitExceeded",
    "InternalFailure",
    "InternalServerError",
    "KmsThrottled",
    "KmsThrottlingException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ResourceContention",
    "ConcurrentModification",
    "ConcurrentUpdateException",
    "EntityTemporarilyUnmodifiable",
    "ResourceConflictException",
    "ResourceInUseException",
    "ScalingActivityInProgress",
    "ServiceException",
    "ServiceUnavailable",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyInvalidationsInProgress",
    "TooManyRequestsException",
    "TransactionInProgressException",
}
_SERVER_FAULT = 500


@contextmanager
def named(what: str, *, target: bool = False) -> Iterator[None]:
    """Raise Denied, Transient, Off or, for a call on a `target`, Gone for the AWS errors that mean so; Rejected for
    others.

    An error that the caller has an answer to of its own is caught inside.
    """
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004

    try:
        yield
    except ClientError as exc:
        code = exc.response["Error"]["Code"]
        status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _DENIED:
            raise Denied(f"{what}: {exc}") from exc
        if code in _TRANSIENT or status >= _SERVER_FAULT:
            raise Transient(f"{what}: {exc}") from exc
        if code in _OFF:
            raise Off(f"{what}: {exc}") from exc
        if target and code in _GONE:
            raise Gone(f"{what}: {exc}") from exc
        raise Rejected(f"{what}: {exc}") from exc
    except (ConnectionError, HTTPClientError) as exc:
        raise Transient(f"{what}: {exc}") from exc
