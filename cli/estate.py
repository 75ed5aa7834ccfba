"""The demo's estate: a checkout function with a good and a bad release, its traffic and its alarm.

It is the demo's own and no part of the product: what a customer would have.
"""

import io
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from cli.errors import Unavailable
from edsr.ports import Client

FUNCTION, ALIAS, ALARM = "checkout", "live", "canary-checkout-errors"
PERIOD = 10
"""Seconds that the alarm looks back: the shortest that CloudWatch offers."""

_RELEASES = (
    "def handle(event, context):\n    return {'status': 200, 'release': 1}\n",
    "def handle(event, context):\n    raise RuntimeError('release 2 cannot reach the payment service')\n",
)
_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)


class Traffic:
    """Customers: they call the live alias a few times a second, and their calls are what the alarm measures."""

    def __init__(self, functions: Client, every: float = 0.25) -> None:
        self._functions, self._every = functions, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)
        self.served = self.failed = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                answer = self._functions.invoke(FunctionName=FUNCTION, Qualifier=ALIAS, Payload=b"{}")
            except (BotoCoreError, ClientError):
                self.failed += 1
                continue
            if "FunctionError" in answer:
                self.failed += 1
            else:
                self.served += 1


class Estate:
    """A customer's function, alias and alarm."""

    def __init__(self, client: Callable[[str], Client]) -> None:
        self._client = client
        self._functions = client("lambda")
        self._versions: list[str] = []

    def make(self) -> None:
        """Two releases of the function, the live alias on the good one, and an alarm on the alias's errors."""
        iam = self._client("iam")
        try:
            role = iam.create_role(RoleName=f"{FUNCTION}-role", AssumeRolePolicyDocument=_TRUST)["Role"]["Arn"]
        except iam.exceptions.EntityAlreadyExistsException:
            role = iam.get_role(RoleName=f"{FUNCTION}-role")["Role"]["Arn"]
        with suppress(self._functions.exceptions.ResourceNotFoundException):
            self._functions.delete_function(FunctionName=FUNCTION)
        self._functions.create_function(
            FunctionName=FUNCTION,
            Runtime="python3.13",
            Role=role,
            Handler="app.handle",
            Code={"ZipFile": _zip(_RELEASES[0])},
            Timeout=5,
        )
        self._versions = [self._publish()]
        self._functions.update_function_code(FunctionName=FUNCTION, ZipFile=_zip(_RELEASES[1]))
        self._versions.append(self._publish())
        self._functions.create_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion=self._versions[0])
        self._client("cloudwatch").put_metric_alarm(
            AlarmName=ALARM,
            AlarmDescription=f"Errors of {FUNCTION}:{ALIAS}",
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Dimensions=[
                {"Name": "FunctionName", "Value": FUNCTION},
                {"Name": "Resource", "Value": f"{FUNCTION}:{ALIAS}"},
            ],
            Statistic="Sum",
            Period=PERIOD,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )

    def release(self) -> None:
        """Ship the bad release, as a pipeline would: the alias moves on, and remembers what was good."""
        good, bad = self._versions
        self._functions.update_alias(
            FunctionName=FUNCTION, Name=ALIAS, FunctionVersion=bad, Description=f"last-good={good}"
        )

    def version(self) -> str:
        """The version that customers get."""
        return str(self._functions.get_alias(FunctionName=FUNCTION, Name=ALIAS)["FunctionVersion"])

    def alarm(self) -> str:
        """OK, ALARM or INSUFFICIENT_DATA."""
        answer = self._client("cloudwatch").describe_alarms(AlarmNames=[ALARM])
        return str(answer["MetricAlarms"][0]["StateValue"])

    def wait_for_alarm(self, state: str, seconds: float) -> None:
        """Wait until the alarm says so; Unavailable when it does not in time."""
        until = time.monotonic() + seconds
        while self.alarm() != state:
            if time.monotonic() > until:
                raise Unavailable(f"the alarm {ALARM} is {self.alarm()} after {seconds:.0f} s, not {state}")
            time.sleep(0.1)

    def _publish(self) -> str:
        return str(self._functions.publish_version(FunctionName=FUNCTION)["Version"])


def _zip(source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", source)
    return packed.getvalue()
