"""A row of the audit that was changed until it holds no record, or says nothing: it is named, and people are told."""

import pytest

from cli import incidents, page, postmortem, tell
from cli.account import Account
from cli.errors import Unavailable
from edsr.aws.items import typed
from edsr.legible import escape
from edsr.model import AuditRecord
from edsr.timeline import timeline
from tests import estate
from tests.announcing import announced
from tests.aws.conftest import Workshop, a_result
from tests.aws.test_people_are_told_once import People
from tests.console import Browser


@pytest.fixture
def account() -> Account:
    return Account("sandbox", estate.client, is_sandbox=True)


@pytest.fixture
def ended(workshop: Workshop) -> list[AuditRecord]:
    """What was written about an incident that a person has to see to."""
    workshop.act()
    workshop.end("ESCALATED", [a_result(judged="worse", at="2026-03-02T03:05:00.000Z")])
    return workshop.records()


def spoil(workshop: Workshop, seq: int = 2) -> None:
    """Put something that is no record over one."""
    item = {"pk": f"INC#{workshop.incident_id}", "seq": seq, "kind": "NONSENSE"}
    estate.client("dynamodb").put_item(TableName="edsr-audit", Item=typed(item))


def test_people_are_told_of_the_incident_and_that_its_audit_is_not_intact(
    workshop: Workshop, ended: list[AuditRecord]
) -> None:
    spoil(workshop)
    people = People(workshop.library)
    assert people.hear(*announced(ended)) == []
    (notice,) = people.told
    assert notice["audit"].startswith(f"{len(ended) - 1} records, NOT INTACT: {workshop.incident_id} record 2")


def test_it_is_shown_with_what_is_wrong(workshop: Workshop, ended: list[AuditRecord], account: Account) -> None:
    spoil(workshop)
    told = incidents.one(account, workshop.incident_id)
    assert len(told.records) == len(ended) - 1
    (flaw,) = told.unreadable
    assert (flaw.incident_id, flaw.seq, flaw.what[:12]) == (workshop.incident_id, 2, "was changed:")
    assert escape(str(flaw)) in page.render(told)
    browser = Browser(clock=workshop.clock)
    assert browser.get("/").status_code == 200
    assert escape(str(flaw)) in browser.get(f"/incidents/{workshop.incident_id}").text


@pytest.mark.usefixtures("ended")
def test_nothing_is_looked_back_at_where_the_beginning_is_gone(workshop: Workshop, account: Account) -> None:
    spoil(workshop, seq=1)
    with pytest.raises(Unavailable, match="edsr audit verify"):
        postmortem.look_back(account, incidents.one(account, workshop.incident_id))


def test_a_record_that_says_nothing_is_named_in_its_place(ended: list[AuditRecord]) -> None:
    for n, one in enumerate(ended):
        empty = one.model_copy(update={"body": {}, "ts": "never"})
        told = timeline((*ended[:n], empty, *ended[n + 1 :]))
        what = f"{one.kind.value.lower()} that cannot be told"
        assert [entry.moment.seq for entry in told if entry.moment.what == what] == [one.seq]


@pytest.mark.usefixtures("ended")
@pytest.mark.parametrize("seq", [1, 2])
def test_what_was_changed_is_not_believed_and_the_rest_is_shown(workshop: Workshop, seq: int, account: Account) -> None:
    (row,) = [one for one in workshop.records() if one.seq == seq]
    item = {"pk": f"INC#{workshop.incident_id}", **row.model_dump(mode="json"), "body": {"decision": {}}}
    estate.client("dynamodb").put_item(TableName="edsr-audit", Item=typed(item))
    told = incidents.one(account, workshop.incident_id)
    tell.gates(told)
    assert "its hash does not match its content" in page.render(told)
    browser = Browser(clock=workshop.clock)
    assert "its hash does not match" in browser.get(f"/incidents/{workshop.incident_id}").text
