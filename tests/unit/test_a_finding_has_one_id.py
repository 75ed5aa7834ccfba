"""The same occurrence is the same finding, whatever arrives when; and a finding is never too large to keep."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edsr.model import EVIDENCE_BYTES, Finding
from tests.things import ALARM, AT, a_finding, a_subject

OTHERWISE: dict[str, Any] = {
    "observed_at": AT - timedelta(days=3),
    "detected_at": AT + timedelta(days=3),
    "severity": "low",
    "title": "said otherwise",
    "evidence": {"alarm": "another"},
    "correlation_id": "c-1",
    "origin": "sweep",
    "subject": a_subject(service=None, environment="dev", tier=None),
}


@given(st.lists(st.sampled_from(sorted(OTHERWISE))))
def test_what_arrives_when_and_how_it_is_told_changes_no_id(names: list[str]) -> None:
    twin = a_finding(**{name: OTHERWISE[name] for name in names})
    assert (twin.id, twin.signal_key, twin.incident_id) == (
        a_finding().id,
        a_finding().signal_key,
        a_finding().incident_id,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"source": "cloudtrail"},
        {"condition": "another-alarm"},
        {"episode": "2026-03-02T03:04:31.000Z"},
        {"subject": a_subject(arn="arn:other")},
        {"subject": a_subject(account="000000000000")},
        {"subject": a_subject(region="eu-west-1")},
    ],
)
def test_another_occurrence_is_another_finding(change: dict[str, Any]) -> None:
    assert a_finding(**change).signal_key != a_finding().signal_key
    assert a_finding(**change).id != a_finding().id


def test_two_policies_make_two_findings_of_one_signal() -> None:
    other = a_finding(policy="another-policy")
    assert other.signal_key == a_finding().signal_key
    assert other.incident_id != a_finding().incident_id


def test_the_incident_is_named_by_the_finding_and_fits_an_executions_name() -> None:
    found = a_finding()
    assert found.incident_id == "i-" + found.id[:26]
    assert found.correlation_id == found.incident_id


def test_text_moved_from_one_part_of_the_key_to_the_next_is_another_key() -> None:
    assert a_finding(condition="ab", episode="c").id != a_finding(condition="a", episode="bc").id


def test_floats_in_evidence_are_spelled() -> None:
    assert a_finding(evidence={"rate": 7.5, "deep": [{"x": 1.0}]}).evidence == {"rate": "7.5", "deep": [{"x": "1.0"}]}


def test_a_finding_reads_back_as_it_was_written() -> None:
    found = a_finding(evidence={"reason": "café \U0001f6d1", "count": 7})
    assert Finding.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    "evidence",
    [{"reason": "x" * EVIDENCE_BYTES}, {"reason": "\ud800"}, {"caf\u00e9": 1, "cafe\u0301": 2}],
    ids=["too large", "no text", "twin keys"],
)
def test_evidence_that_cannot_be_kept_is_refused(evidence: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"evidence is|surrogates not allowed|same text"):
        a_finding(evidence=evidence)


def test_a_float_in_a_finding_read_from_a_queue_is_invalid_and_breaks_nothing() -> None:
    body = a_finding(evidence={"rate": 7}).model_dump_json().replace('"rate":7', '"rate":7.5')
    with pytest.raises(ValidationError, match="is a float"):
        Finding.model_validate_json(body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("condition", ""),
        ("condition", "x" * 513),
        ("episode", ""),
        ("title", "x" * 513),
        ("severity", "huge"),
        ("origin", "nowhere"),
        ("observed_at", "2026-03-02T03:04:05"),
        ("subject", a_subject(account="1234567890123")),
        ("subject", a_subject(arn="")),
        ("colour", "red"),
    ],
)
def test_what_is_out_of_bounds_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        a_finding(**{field: value})


def test_a_finding_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_finding().condition = ALARM  # type: ignore[misc]
