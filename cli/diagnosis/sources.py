"""Whether the services that would send events are switched on."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from cli.diagnosis.finding import Level, Patient, Row, asking


def guardduty(patient: Patient) -> Iterator[Row]:
    """GuardDuty, where a policy waits for it."""
    if not (about := patient.of({"source": "aws.guardduty"})):
        return
    with asking("GuardDuty"):
        ids = patient.ask("guardduty", "list_detectors")["DetectorIds"]
        on = [one for one in ids if patient.ask("guardduty", "get_detector", DetectorId=one)["Status"] == "ENABLED"]
    if not on:
        why = "its detector is disabled" if ids else "it has no detector in this Region"
        yield Row(Level.BLOCKED, "GuardDuty", why, "enable GuardDuty in this Region", about)


def security_hub(patient: Patient) -> Iterator[Row]:
    """Security Hub, where a policy waits for it."""
    if not (about := patient.of({"source": "aws.securityhub"})):
        return
    with asking("Security Hub"):
        off = _refused(patient, "securityhub", "describe_hub", ("InvalidAccessException", "ResourceNotFoundException"))
    if off:
        yield Row(Level.BLOCKED, "Security Hub", "it is not enabled in this Region", "enable Security Hub", about)


def config(patient: Patient) -> Iterator[Row]:
    """AWS Config, where a policy waits for it."""
    if not (about := patient.of({"source": "aws.config"})):
        return
    with asking("AWS Config"):
        said = patient.ask("config", "describe_configuration_recorder_status")["ConfigurationRecordersStatus"]
    if not any(one.get("recording") for one in said):
        why = "its recorder is stopped" if said else "it has no recorder in this Region"
        yield Row(Level.BLOCKED, "AWS Config", why, "start the configuration recorder", about)


def inspector(patient: Patient) -> Iterator[Row]:
    """Inspector, where a policy waits for it."""
    if not (about := patient.of({"source": "aws.inspector2"})):
        return
    with asking("Inspector"):
        accounts: list[dict[str, Any]] = patient.ask("inspector2", "batch_get_account_status")["accounts"]
    if not any(one["state"]["status"] == "ENABLED" for one in accounts):
        yield Row(Level.BLOCKED, "Inspector", "it is not enabled in this Region", "enable Inspector", about)


def access_analyzer(patient: Patient) -> Iterator[Row]:
    """Access Analyzer, where a policy waits for it."""
    if not (about := patient.of({"source": "aws.access-analyzer"})):
        return
    with asking("Access Analyzer"):
        found: list[dict[str, Any]] = patient.ask("accessanalyzer", "list_analyzers")["analyzers"]
    if not any(one["status"] == "ACTIVE" for one in found):
        yield Row(Level.BLOCKED, "Access Analyzer", "no analyzer is active here", "create an analyzer", about)


def health(patient: Patient) -> Iterator[Row]:
    """AWS Health, where a policy waits for it."""
    if not (about := patient.of({"source": "aws.health"})):
        return
    with asking("AWS Health"):
        off = _refused(patient, "health", "describe_events", ("SubscriptionRequiredException",), maxResults=10)
    if off:
        why = "the account has no support plan that lets anybody ask it: what the bus drops of it stays lost"
        yield Row(Level.BLOCKED, "AWS Health", why, "take a Business or Enterprise support plan, or accept it", about)


def _refused(patient: Patient, service: str, operation: str, codes: tuple[str, ...], **params: Any) -> bool:
    """Whether a service refuses because it is off; any other error is raised."""
    try:
        patient.ask(service, operation, **params)
    except ClientError as exc:
        if exc.response["Error"]["Code"] in codes:
            return True
        raise
    return False
