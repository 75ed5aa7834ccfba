"""A postmortem: what happened, whether automation helped, what is to be done; nothing that an event says is markup."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.postmortem import html
from edsr import audit
from edsr.indicators.labels import Label
from edsr.model import AuditRecord, Kind
from edsr.postmortem.markdown import markdown, plain
from edsr.postmortem.telling import draft_key, needed, postmortem, said
from tests.chains import Chain, verdict
from tests.things import AT

HARM = {"incident": "i-2", "reason": "checkout fails 40 % of calls since", "scopes": ["service:checkout"]}
JUDGED = verdict("better")


def acted(state: str = "RESOLVED", judged: str = "better") -> Chain:
    return Chain().plan().intend().done().close(state, {**JUDGED, "judged": judged})


@pytest.mark.parametrize(
    ("chain", "label", "told"),
    [
        (acted(), Label.UNCLEAR, "It helped: every step was done and judged better"),
        (acted("ESCALATED", "worse"), Label.UNCLEAR, "It hindered: a probe measured that it got worse (r)."),
        (acted("ESCALATED", "unknown"), Label.UNCLEAR, "It did not help: r."),
        (Chain(), Label.UNCLEAR, "It neither helped nor hindered: nothing was done (it has not ended)."),
        (acted(), Label.HARMFUL, "An operator says that it did harm. It helped:"),
        (acted(), Label.FALSE_POSITIVE, "An operator says that nothing was wrong. It helped:"),
    ],
)
def test_it_says_whether_automation_helped(chain: Chain, label: Label, told: str) -> None:
    assert postmortem(chain.records, label).helped.startswith(told)


@pytest.mark.parametrize(
    ("chain", "stands", "ended"),
    [
        (acted(), "RESOLVED", True),
        (acted("HOLDING"), "HOLDING", False),
        (Chain().plan(), "open", False),
        (Chain(suppressed=True).decide("suppress"), "SUPPRESSED", False),
        (Chain(suppressed=True).decide("suppress").decide("act").plan(), "open", False),
        (Chain().decide("escalate"), "ESCALATED", False),
    ],
)
def test_it_says_how_it_stands_and_that_what_holds_has_not_ended(chain: Chain, stands: str, ended: bool) -> None:
    told = postmortem(chain.records)
    assert (told.state, told.facts["Ended"]) == (stands, chain.records[-1].ts if ended else "not yet")


def test_an_address_in_an_event_is_no_link() -> None:
    assert plain("see https://evil.example or WWW.evil.example at 03:04") == (
        r"see https\://evil.example or WWW\.evil.example at 03:04"
    )


def test_harm_that_showed_later_is_what_counts() -> None:
    chain = acted().add(
        Kind.CLOSE, state="RESOLVED", policy="p", service="checkout", verdicts=[], reason="r", harm=HARM
    )
    told = postmortem(chain.records)
    assert told.helped == "It hindered: checkout fails 40 % of calls since."
    assert "Release the kill switch for service:checkout once it is safe" in told.actions


@pytest.mark.parametrize(
    ("body", "draft"),
    [
        ({"state": "ESCALATED"}, True),
        ({"state": "REVERTED"}, True),
        ({"state": "RESOLVED", "harm": HARM}, True),
        ({"state": "RESOLVED"}, False),
        ({"state": "ABORTED"}, False),
        ({"state": "HOLDING"}, False),
        ({"state": "ESCALATED", "recovered": True}, False),
    ],
)
def test_what_failed_or_did_harm_needs_a_draft(body: dict[str, Any], draft: bool) -> None:
    assert needed(audit.link(audit.START, "i-1", Kind.CLOSE, body, actor="close", at=AT, mode="automatic")) is draft


def test_a_draft_is_named_after_the_record_that_made_it_necessary() -> None:
    assert draft_key("i-1", 7) == "postmortems/i-1/000007.md"


def test_it_has_every_part_and_the_timeline_leads_to_the_raw_records() -> None:
    chain = acted("ESCALATED", "unknown")
    text = markdown(postmortem(chain.records))
    parts = [
        "Facts",
        "Did automation help?",
        "Timeline",
        "Decisions and why",
        "Measures",
        "Action items",
        "Raw records",
    ]
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == parts
    linked = set(re.findall(r"\(#(record-\d+)\)", text))
    assert linked == {f"record-{record.seq}" for record in chain.records}
    assert linked <= set(re.findall(r'<a id="(record-\d+)">', text))
    assert all(record.hash in text for record in chain.records)


def test_programs_are_told_the_same_and_owners_are_to_be_found() -> None:
    chain = acted("REVERTED", "worse")
    whole = said(postmortem(chain.records))
    assert whole["incident"] == chain.id
    assert [record["hash"] for record in whole["records"]] == [record.hash for record in chain.records]
    assert {(item["owner"], item["due"]) for item in whole["actions"]} == {(None, None)}
    assert [one["id"] for one in whole["measures"]] == ["M1", "M3", "M4", "M5", "M7", "M8", "M10", "A2"]


def hostile(text: str) -> list[AuditRecord]:
    chain = Chain(title=text[:512] or "t").plan().intend().done()
    return chain.add(
        Kind.CLOSE, state="ESCALATED", policy="p", service="s", verdicts=[], reason=text, took_ms=1
    ).records


@settings(max_examples=60)
@given(st.text(alphabet=st.sampled_from("<>[]()`|*_#!\\\n\r\u2028 &-ab"), max_size=40))
def test_nothing_that_an_event_says_becomes_markup(text: str) -> None:
    document = markdown(postmortem(hostile(text)))
    prose = [line for line in document.split("\n") if not line.startswith("    ")]
    ours = re.compile(r'<a id="record-\d+"></a>|\[\d+\]\(#record-\d+\)|\[ \]')
    left = "\n".join(ours.sub("", line) for line in prose)
    assert not re.search(r"(?<!\\)[<\[]", re.sub(r"\\\\", "", left))
    assert len([line for line in prose if line.startswith("## ")]) == 7


def test_the_page_escapes_too() -> None:
    page = html(postmortem(hostile("<script>alert(1)</script>")))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
