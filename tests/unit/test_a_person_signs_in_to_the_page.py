"""Signing in to the page: whose browser began it ends it, the token is of that sign-in, and a name is a person."""

import json
from typing import Any

import pytest

from approve.signing_in import ATTEMPT, SESSION, Said, Send, csrf
from edsr.errors import Refused
from edsr.people import SIGNED_IN, signed_in
from tests.browsing import ISSUER, PAGE, SESSIONS, Browser, World

LINK = "/approvals/i-0123456789abcdef0123456789"


def never(_: dict[str, Any]) -> dict[str, Any]:
    raise AssertionError("the guarded route was asked")


def shown(_: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": 403, "body": json.dumps({"error": "nobody was asked"})}


def test_who_follows_a_link_signs_in_and_comes_back_to_it() -> None:
    browser = Browser(World(shown))
    assert "nobody was asked" in browser.open(LINK)["body"]
    assert set(browser.cookies) == {SESSION, ATTEMPT}
    assert browser.cookies[ATTEMPT] == ""


def test_cookies_are_of_this_host_alone_and_no_script_reads_them() -> None:
    browser = Browser(World(shown))
    begun = browser.ask("GET", LINK)
    ended = browser.ask("GET", browser.world.authorize(begun["headers"]["location"]).removeprefix(PAGE))
    for cookie in (*begun["cookies"], *ended["cookies"]):
        assert cookie.startswith("__Host-")
        assert cookie.endswith("Path=/; Secure; HttpOnly; SameSite=Lax")
        assert "Domain" not in cookie


def came_back(browser: Browser) -> str:
    """Where the issuer sends a browser that has begun to sign in."""
    begun = browser.ask("GET", LINK)["headers"]["location"]
    return browser.world.authorize(begun).removeprefix(PAGE)


def test_a_sign_in_that_another_browser_began_is_not_ended_here() -> None:
    world = World(never)
    back = came_back(Browser(world))
    for victim in (Browser(world), Browser(world, {ATTEMPT: "state.verifier.nonce." + LINK.rsplit("/", 1)[1]})):
        answer = victim.ask("GET", back)
        assert (answer["statusCode"], "did not begin this sign-in" in answer["body"]) == (403, True)
        assert SESSION not in victim.cookies


def test_a_code_is_good_once_and_only_with_what_its_challenge_was_made_of() -> None:
    world = World(shown)
    browser = Browser(world)
    back, attempt = came_back(browser), browser.cookies[ATTEMPT]
    state, _, rest = attempt.partition(".")
    browser.cookies[ATTEMPT] = f"{state}.{'x' * 43}.{rest.partition('.')[2]}"
    assert "answered 400 without a token" in browser.ask("GET", back)["body"]


def test_what_the_issuer_refused_is_said() -> None:
    browser = Browser(World(never))
    begun = browser.ask("GET", LINK)["cookies"][0]
    state = begun.partition("=")[2].partition(".")[0]
    answer = browser.ask("GET", f"/signed-in?state={state}&error=access_denied")
    assert (answer["statusCode"], "access_denied" in answer["body"]) == (403, True)


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"issuer": "https://another.example.com"}, "does not say where to sign in"),
        ({"issuer": ISSUER, "authorization_endpoint": "http://id.example.com/a"}, "names no safe place"),
        ([], "does not say where to sign in"),
    ],
)
def test_an_issuer_that_is_not_itself_or_not_safe_signs_nobody_in(known: Any, why: str) -> None:
    class Odd(World):
        def __call__(self, sent: Send) -> Said:
            del sent
            return Said(200, json.dumps(known).encode())

    answer = Browser(Odd(never)).ask("GET", LINK)
    assert (answer["statusCode"], why in answer["body"]) == (503, True)


def test_a_token_that_the_guard_does_not_take_leads_to_signing_in_and_not_in_circles() -> None:
    browser = Browser(World(never), {SESSION: "a.b.c"})
    answer = browser.ask("GET", LINK)
    assert (answer["statusCode"], "/sign-in/" in answer["body"]) == (401, True)


@pytest.mark.parametrize(
    "path", ["/", "/approvals/", f"{LINK}/", f"{LINK}0", "/approvals/../asked", "/asked/x", "/sign-in/x"]
)
def test_there_is_nothing_elsewhere(path: str) -> None:
    assert Browser(World(never)).ask("GET", path)["statusCode"] == 404


def test_the_mark_of_a_form_is_of_one_session() -> None:
    assert csrf("a.b.c") != csrf("a.b.d")
    assert "a.b.c" not in csrf("a.b.c")


def test_a_name_is_a_person_however_it_is_written_and_the_same_as_in_named_sessions() -> None:
    claims = {"email": "Ann@Example.com", "email_verified": "true", "sub": "00uA"}
    ann = signed_in(claims, "email", SESSIONS)
    assert ann == (f"{SESSIONS}:assumed-role/*/ann@example.com", f"{SIGNED_IN}ann@example.com")
    assert signed_in({"sub": "00uA"}, "sub", SESSIONS) != signed_in({"sub": "00ua"}, "sub", SESSIONS)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({}, "has no `email`"),
        ({"email": "ann@example.com"}, "was never verified"),
        ({"email": "ann@example.com", "email_verified": False}, "was never verified"),
        ({"email": "*@example.com", "email_verified": True}, "has no `email` that can be a name"),
        ({"email": "ann@example.com\n", "email_verified": True}, "has no `email` that can be a name"),
    ],
)
def test_a_token_that_does_not_surely_name_somebody_names_nobody(claims: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        signed_in(claims, "email", SESSIONS)
