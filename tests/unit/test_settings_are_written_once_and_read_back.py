"""One model writes a function's environment and reads it back."""

from typing import Any

import pytest

from edsr import settings
from edsr.settings import SettingsInvalid

RATES: dict[str, Any] = {
    "state_table": "s",
    "audit_table": "a",
    "subject_rate": "2/PT15M",
    "service_rate": "5/PT10M",
    "api_rate": "10/PT1M",
    "global_rate": "10/PT1M",
}
ALL: list[settings.Settings] = [
    settings.Detect(findings_queue="https://q/f", quarantine_queue="https://q/q", state_table="edsr-state"),
    settings.Tables(state_table="s", audit_table="a"),
    settings.Decide(**RATES, machine="arn:m", quarantine_queue="q"),
    settings.Record(state_table="s", audit_table="a", export_bucket="b", bus="edsr"),
    settings.Comparing(audit_table="a", export_bucket="b"),
    settings.Anchoring(export_bucket="b", anchor_key="arn:k"),
    settings.Verify(),
    settings.Act(**RATES),
]


@pytest.mark.parametrize("given", ALL, ids=lambda given: type(given).__name__)
def test_what_is_written_is_read_back_among_everything_else_in_an_environment(given: settings.Settings) -> None:
    environment = {"PATH": "/bin", "EDSR_OF_ANOTHER": "x", **given.write()}
    assert type(given).read(environment) == given


def test_a_setting_is_named_after_its_field() -> None:
    written = settings.Tables(state_table="s", audit_table="a").write()
    assert written == {"EDSR_STATE_TABLE": "s", "EDSR_AUDIT_TABLE": "a"}


def test_what_is_missing_is_named_as_in_the_environment() -> None:
    with pytest.raises(SettingsInvalid, match=r"Tables: EDSR_AUDIT_TABLE: Field required") as error:
        settings.Tables.read({"EDSR_STATE_TABLE": "s"})
    assert "EDSR_STATE_TABLE" not in str(error.value)
