"""The engine guesses Lambda's IAM actions by the words of a path: to read or move an alias passes for ListAliases."""

from ministack.core import iam_actions

OTHERWISE = {"Invoke": "InvokeFunction", "InvokeWithResponseStream": "InvokeFunction"}
"""Operations whose action has another name."""


def install() -> None:
    guess = iam_actions._lambda_action
    iam_actions._BOTOCORE_SERVICE_MAP["lambda"] = ["lambda"]

    def lambda_action(method: str, path: str) -> str | None:
        """The operation that botocore's own model has at this path."""
        operation: str | None = iam_actions._match_rest_action("lambda", method, path)
        return OTHERWISE.get(operation, operation) if operation else guess(method, path)

    iam_actions._lambda_action = lambda_action
