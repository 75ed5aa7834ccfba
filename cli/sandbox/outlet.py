"""Where it is asked for, functions reach AWS through a proxy, and every call says which function makes it.

A game day watches, delays and refuses calls there, as AWS and the network between may; no function knows of it.
"""

from typing import Any

from ministack.core import lambda_runtime


def install(address: str) -> None:
    given = lambda_runtime.execution_credentials

    def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
        """A worker's environment, in which the SDK finds the proxy, and a name to put into its user agent."""
        return {**given(config), "AWS_ENDPOINT_URL": address, "AWS_SDK_UA_APP_ID": config["FunctionName"]}

    lambda_runtime.execution_credentials = execution_credentials
