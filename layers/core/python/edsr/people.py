"""People: what counts as one person of those whom AWS lets in, and for which services they may answer and switch."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from edsr.errors import Refused
from edsr.policy.services import EnvironmentPeople, Service

SIGNED_IN = "oidc:"
"""Before the name of whoever signed in to the page, where others have their ARN."""

_NAME = re.compile(r"[\w+=,.@|:/-]{1,256}", re.ASCII)


class Person(NamedTuple):
    """`name` is what counts as one person, `arn` what AWS called them this time, or `oidc:` and their name."""

    name: str
    arn: str


def person(arn: str, everywhere: EnvironmentPeople) -> Person:
    """Who is behind a caller's ARN. A user is one person.

    Whoever assumes a role chooses the session's name. So all sessions of a role are one person, unless the environment
    says that the role's sessions are named by who lets people in: then the name is the person, whichever role it is.
    Raises Refused for a caller who is neither a user nor in a role.
    """
    where, _, rest = arn.partition(":assumed-role/")
    role, _, session = rest.partition("/")
    if role and session:
        named = _among(arn, everywhere.named_sessions)
        return Person(f"{where}:assumed-role/" + (f"*/{session.casefold()}" if named else f"{role}/*"), arn)
    if ":user/" in arn:
        return Person(arn, arn)
    raise Refused(f"{arn} is neither a user nor the session of a role, so that nobody knows who it is")


def signed_in(claims: Mapping[str, Any], claim: str, sessions: str) -> Person:
    """Who is behind the claims of a token that AWS has verified: the person that `claim` names.

    The name counts as that of their sessions in roles that are named by who lets people in, which begin with
    `sessions` (`arn:aws:sts::111122223333`): who answers by the page and by the commands is one person. An address in
    `email` counts only when whoever signed the token has verified it. Raises Refused.
    """
    said = str(claims.get(claim, ""))
    if not _NAME.fullmatch(said):
        raise Refused(f"the sign-in does not say who it is: its token has no `{claim}` that can be a name")
    if claim == "email" and str(claims.get("email_verified", "")).casefold() != "true":
        raise Refused(f"the address {said} was never verified, so that it says nothing about who it is")
    name = said if claim == "sub" else said.casefold()
    return Person(f"{sessions}:assumed-role/*/{name}", f"{SIGNED_IN}{name}")


def may_answer(who: Person, service: Service | None, everywhere: EnvironmentPeople) -> bool:
    """Whether they may agree to what is done to a service; of one that the catalogue does not know, only the
    environment's own approvers."""
    return _among(who.arn, [*everywhere.approvers, *(service.people.approvers if service else [])])


def may_switch(who: Person, service: Service | None, everywhere: EnvironmentPeople) -> bool:
    """Whether they may stop and restart automation, of a service or, when there is none, of more than one."""
    return _among(who.arn, [*everywhere.operators, *(service.people.operators if service else [])])


def _among(arn: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(arn, pattern) for pattern in patterns)
