"""The engine says the session of an assumed role as aws:PrincipalArn; AWS says the role itself, with its path."""

from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam


def role_of(session: str, account: str) -> str:
    """The ARN of the role that a session is of; anybody else is who they are."""
    if ":assumed-role/" not in session:
        return session
    role = iam._roles.get_scoped(account, None, session.split("/")[1])
    return str(role["Arn"]) if role else session


def install() -> None:
    resolve = iam_evaluator._resolve_condition_key

    def resolve_condition_key(key: str, ctx: Any) -> Any:
        found = resolve(key, ctx)
        return role_of(found, ctx.principal_account) if key.lower() == "aws:principalarn" else found

    iam_evaluator._resolve_condition_key = resolve_condition_key
