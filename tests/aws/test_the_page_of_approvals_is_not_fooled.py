"""The page of approvals under attack: who scans, forges, replays or lures changes nothing, whatever they send."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

import approve.handler
from approve.signing_in import SESSION
from edsr.errors import Denied
from edsr.model import Mode, State
from edsr.policy import Library
from edsr.protocol import keys
from edsr.settings import Settings
from tests import browsing, estate, policies
from tests.aws.conftest import Workshop, admitted
from tests.aws.services import refusal
from tests.browsing import ASKED, FORM, PAGE, Browser, World, fields, flipped
from tests.things import AT, a_policy

TABLE = estate.ROOT / "build" / "approval-attacks.md"
GETS = 1_000
AGENTS = (
    *("Slackbot-LinkExpanding 1.0", "Slackbot 1.0", "Slack-ImgProxy", "Discordbot/2.0", "TelegramBot", "WhatsApp/2.23"),
    *("facebookexternalhit/1.1", "Facebot", "Twitterbot/1.0", "LinkedInBot/1.0", "SkypeUriPreview", "Pinterestbot/1.0"),
    *("MicrosoftPreview/2.0", "Microsoft Office/16.0", "ms-office; MSOffice 16", "SafeLinks", "BingPreview/1.0b"),
    *("Googlebot/2.1", "Google-Read-Aloud", "GoogleImageProxy", "Applebot/0.1", "YahooMailProxy", "Mimecast-TTP"),
    *("Proofpoint-URLDefense", "Barracuda-LinkProtect", "Symantec-ClickTime", "FireEye-ETP", "Cisco-IronPort"),
    *("curl/8.5.0", "python-requests/2.32"),
)
"""Thirty that open links before, or instead of, the person they were sent to."""


@dataclass
class Tasks:
    """The tasks that wait: what they were told."""

    told: list[str] = field(default_factory=list)
    down: bool = False
    exceptions: Any = field(default_factory=lambda: estate.client("stepfunctions").exceptions)

    def send_task_success(self, **said: str) -> None:
        """As AWS takes it."""
        if self.down:
            raise refusal("AccessDeniedException")
        self.told.append(f"yes {json.loads(said['output'])['digest']}")

    def send_task_failure(self, **said: str) -> None:
        """As AWS takes it."""
        self.told.append(f"no {said['error']}")


@dataclass
class Office:
    """An incident about which people are asked on the page."""

    shop: Workshop
    tasks: Tasks
    world: World

    @property
    def path(self) -> str:
        """The link's path."""
        return f"/approvals/{self.shop.incident_id}"

    def everything(self) -> str:
        """Both tables, whole."""
        scans = [estate.client("dynamodb").scan(TableName=name)["Items"] for name in ("edsr-state", "edsr-audit")]
        return json.dumps(
            [sorted(json.dumps(item, sort_keys=True, default=sorted) for item in found) for found in scans]
        )

    def browser(self, who: str = "ann@example.com") -> tuple[Browser, str]:
        """Somebody's, with the page open in it."""
        self.world.who = who
        browser = Browser(self.world)
        return browser, browser.open(self.path)["body"]


def opened(library: Library, *, need: int = 1) -> Office:
    tasks = Tasks()
    policy = a_policy(Mode.APPROVE, safeguards={"approval": {"quorum": need}})
    shop = admitted(library, estate.Clock(AT), policy, others={"stepfunctions": tasks, "kms": browsing.Macs()})
    shop.call(approve.handler.handler, inc=shop.incident_id, token="task-token", attempt=0)
    handler = browsing.asks()
    given: Settings = ASKED
    return Office(shop, tasks, World(lambda event: shop.call(handler, given, **event)))


@pytest.fixture
def office(aws: None, library: Library) -> Office:  # noqa: ARG001 - moto has to answer first
    estate.make_tables()
    return opened(library)


def test_a_person_sees_all_they_have_to_know_and_their_answer_counts(office: Office) -> None:
    browser, shown = office.browser()
    incident = office.shop.incident
    for word in (
        incident.plan_digest,
        "version 2 \N{RIGHTWARDS ARROW} 1",
        "Asked by",
        "edsr",
        "lambda-canary-rollback",
        "oidc:ann@",
    ):
        assert word in shown, word
    assert "2026-03-02T03:35:00.000Z" in shown, "when it expires"
    answer = browser.send(office.path, shown, reason="looks right")
    assert (answer["statusCode"], answer["headers"]["location"]) == (303, PAGE + office.path)
    assert office.tasks.told == [f"yes {incident.plan_digest}"]
    said = office.shop.records()[-1].body
    assert (said["by"], said["caller"]) == (
        f"{browsing.SESSIONS}:assumed-role/*/ann@example.com",
        "oidc:ann@example.com",
    )
    assert (said["reason"], said["form"]) == ("looks right", f"{1:032x}")
    again = browser.open(office.path)["body"]
    assert "It was agreed to" in again
    assert "<form" not in again


def test_a_form_is_good_for_one_answer(office: Office) -> None:
    browser, shown = office.browser()
    browser.send(office.path, shown)
    before = office.everything()
    for answer in ("approve", "reject"):
        second = browser.send(office.path, shown, answer)
        assert (second["statusCode"], "was sent before" in second["body"]) == (403, True)
    assert (office.everything(), len(office.tasks.told)) == (before, 1)


def test_a_form_whose_answer_was_not_told_may_be_sent_again_and_says_the_same(office: Office) -> None:
    browser, shown = office.browser()
    office.tasks.down = True
    with pytest.raises(Denied):
        browser.send(office.path, shown)
    office.tasks.down = False
    assert browser.send(office.path, shown, "reject")["statusCode"] == 403, "another answer it is not"
    assert browser.send(office.path, shown)["statusCode"] == 303
    assert office.tasks.told == [f"yes {office.shop.incident.plan_digest}"]
    assert browser.send(office.path, shown)["statusCode"] == 403


def test_of_two_that_are_needed_one_person_is_one_whichever_way_they_come(aws: None, library: Library) -> None:  # noqa: ARG001
    ann = f"{browsing.SESSIONS}:assumed-role/AWSReservedSSO_OnCall_1/ann@example.com"
    people = {
        "approvers": ["oidc:*@example.com", f"{browsing.SESSIONS}:assumed-role/AWSReservedSSO_*/*"],
        "named-sessions": [f"{browsing.SESSIONS}:assumed-role/AWSReservedSSO_*/*"],
    }
    policies.write(policies.folder_of(library) / "environment" / "people.json", people)
    estate.make_tables()
    office = opened(library, need=2)
    browser, shown = office.browser()
    browser.send(office.path, shown)
    assert office.shop.answer(ann, office.shop.incident.plan_digest)["state"] == "PENDING"
    second, page = office.browser("bob@example.com")
    second.send(office.path, page)
    assert office.shop.incident.state is State.APPROVED


def test_a_plan_that_is_another_by_now_is_not_agreed_to(office: Office) -> None:
    browser, shown = office.browser()
    key = keys.approval(office.shop.incident_id, 1)
    item = office.shop.item(key)
    office.shop.put(
        keys.approval(office.shop.incident_id, 2), **{k: v for k, v in item.items() if k not in ("pk", "sk")}
    )
    answer = browser.send(office.path, shown)
    assert (answer["statusCode"], "the plan was drawn again" in answer["body"]) == (403, True)
    assert office.tasks.told == []


def test_hostile_text_stays_text(aws: None, library: Library) -> None:  # noqa: ARG001
    estate.make_tables()
    evil = '"><script>alert(1)</script><form action="https://evil.example">'
    shop = admitted(
        library, estate.Clock(AT), a_policy(Mode.APPROVE), others={"kms": browsing.Macs()}, title=evil,
        evidence={"alarm": "x", "reason": evil},
    )  # fmt: skip
    shop.call(approve.handler.handler, inc=shop.incident_id, token="t", attempt=0)
    handler = browsing.asks()
    office = Office(shop, Tasks(), World(lambda event: shop.call(handler, ASKED, **event)))
    _, shown = office.browser()
    assert shown.count("&lt;script&gt;") >= 2
    assert "<script" not in shown
    assert shown.count("<form") == 1


def test_every_answer_says_that_it_is_kept_framed_and_followed_nowhere(office: Office) -> None:
    browser, _ = office.browser()
    stranger = Browser(office.world)
    for answer in (
        browser.ask("GET", office.path),
        browser.ask("PUT", office.path),
        browser.ask("GET", "/elsewhere"),
        stranger.ask("GET", office.path),
        stranger.ask("POST", office.path, "answer=approve", **FORM),
    ):
        said = answer["headers"]
        policy = said["content-security-policy"]
        assert all(part in policy for part in ("default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"))
        assert "script-src" not in policy
        assert (said["cache-control"], said["referrer-policy"]) == ("no-store", "no-referrer")


Attack = Callable[[Office], Iterator[dict[str, Any]]]


def scanned(office: Office) -> Iterator[dict[str, Any]]:
    """30 unfurlers and scanners open the link, 1,000 times each."""
    for agent in AGENTS:
        bot = Browser(office.world, headers={"user-agent": agent})
        for _ in range(GETS):
            bot.cookies.clear()
            yield bot.ask("GET", office.path)


def scanned_from_within(office: Office) -> Iterator[dict[str, Any]]:
    """The same 30 as extensions of a browser in which somebody has signed in."""
    browser, _ = office.browser()
    for agent in AGENTS:
        browser.headers["user-agent"] = agent
        for method in ("GET", "HEAD", "OPTIONS"):
            yield browser.ask(method, office.path)


def flipped_links(office: Office) -> Iterator[dict[str, Any]]:
    """Every single-bit flip of the link, looked at and sent to, by somebody who has signed in."""
    browser, shown = office.browser()
    body = urlencode({**fields(shown), "reason": "", "answer": "approve"})
    for link in flipped(office.path):
        yield browser.ask("GET", link)
        yield browser.ask("POST", link, body, **FORM)


def flipped_fields(name: str, office: Office) -> Iterator[dict[str, Any]]:
    browser, shown = office.browser()
    for value in flipped(fields(shown)[name]):
        yield browser.send(office.path, shown, **{name: value})


def flipped_tokens(office: Office) -> Iterator[dict[str, Any]]:
    """Every single-bit flip of the form's token."""
    return flipped_fields("token", office)


def flipped_csrf(office: Office) -> Iterator[dict[str, Any]]:
    """Every single-bit flip of the form's mark of its session."""
    return flipped_fields("csrf", office)


def flipped_sessions(office: Office) -> Iterator[dict[str, Any]]:
    """Every single-bit flip of the session's cookie."""
    browser, shown = office.browser()
    for session in flipped(browser.cookies[SESSION]):
        browser.cookies[SESSION] = session
        yield browser.send(office.path, shown)


def without_sign_in(office: Office) -> Iterator[dict[str, Any]]:
    """A form that somebody has seen is sent by who has not signed in."""
    _, shown = office.browser()
    yield Browser(office.world).send(office.path, shown)


def lured(office: Office) -> Iterator[dict[str, Any]]:
    """Another site has a person's browser send a form: its own, without one field, or from elsewhere."""
    browser, shown = office.browser()
    hidden = fields(shown)
    yield browser.ask("POST", office.path, urlencode({"answer": "approve"}), **FORM)
    for name in hidden:
        rest = {key: value for key, value in hidden.items() if key != name}
        yield browser.ask("POST", office.path, urlencode({**rest, "answer": "approve", "reason": ""}), **FORM)
    whole = urlencode({**hidden, "answer": "approve", "reason": ""})
    for said in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"content-type": "text/plain"}):
        yield browser.ask("POST", office.path, whole, **FORM | said)
    for both in ("answer=reject&", "token=x&"):
        yield browser.ask("POST", office.path, both + whole, **FORM)


def stolen(office: Office) -> Iterator[dict[str, Any]]:
    """One person's form is sent by another, with a mark of their own."""
    _, shown = office.browser("eve@example.com")
    browser, own = office.browser()
    yield browser.send(office.path, shown)
    yield browser.send(office.path, shown, csrf=fields(own)["csrf"])


def not_asked(office: Office) -> Iterator[dict[str, Any]]:
    """Somebody who may not answer, and whose address was never verified."""
    _, shown = office.browser()
    browser, _ = office.browser("mallory@elsewhere.example")
    own = approve_csrf(browser)
    yield browser.send(office.path, shown, csrf=own)
    office.world.verified = False
    browser, _ = office.browser("ann@example.com")
    yield browser.send(office.path, shown, csrf=approve_csrf(browser))
    office.world.verified = True


def too_late(office: Office) -> Iterator[dict[str, Any]]:
    """A form is sent after the time to answer."""
    browser, shown = office.browser()
    office.shop.clock.now += timedelta(minutes=31)
    yield browser.send(office.path, shown)
    office.shop.clock.now -= timedelta(minutes=31)


def approve_csrf(browser: Browser) -> str:
    """The mark that a page of this browser's would have."""
    from approve.signing_in import csrf

    return csrf(browser.cookies[SESSION])


ATTACKS: tuple[Attack, ...] = (
    scanned, scanned_from_within, flipped_links, flipped_tokens, flipped_csrf, flipped_sessions, without_sign_in, lured,
    stolen, not_asked, too_late,
)  # fmt: skip


def test_no_attack_changes_anything_and_then_the_person_approves(office: Office) -> None:
    rows, before = [], office.everything()
    for attack in ATTACKS:
        answers = list(attack(office))
        changed = office.everything() != before
        statuses = sorted({answer["statusCode"] for answer in answers})
        rows.append((" ".join((attack.__doc__ or "").split()), len(answers), statuses, changed, len(office.tasks.told)))
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(table(rows), "utf-8")
    assert [row for row in rows if row[3] or row[4]] == []
    assert sum(row[1] for row in rows) > 30 * GETS + 5_000
    browser, shown = office.browser()
    assert browser.send(office.path, shown)["statusCode"] == 303
    assert len(office.tasks.told) == 1


def table(rows: list[tuple[str, int, list[int], bool, int]]) -> str:
    """The approval attack table."""
    head = "| attack | requests | answered | tables changed | tasks answered |\n|---|---|---|---|---|\n"
    lines = (
        f"| {name} | {count:,} | {', '.join(map(str, statuses))} | {'yes' if changed else 'no'} | {told} |\n"
        for name, count, statuses, changed, told in rows
    )
    return "# Attacks on the page of approvals\n\n" + head + "".join(lines)
