"""The engine listens without TLS, so aws:SecureTransport is always false; AWS is reached over TLS."""

from typing import Any

from ministack.core import iam_evaluator


def install() -> None:
    resolve = iam_evaluator._resolve_condition_key

    def resolve_condition_key(key: str, ctx: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolve(key, ctx)

    iam_evaluator._resolve_condition_key = resolve_condition_key
