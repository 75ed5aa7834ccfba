"""The demo's estate: a checkout function with a good and a bad release, its traffic and its alarm.

It is the demo's own and no part of the product: what a customer would have.
"""

import io
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple, Self

from botocore.exceptions import BotoCoreError, ClientError

from cli.errors import Unavailable
from edsr.ports import Client, utc_now

FUNCTION, ALIAS = "checkout", "live"
PERIOD = 10
"""Seconds that the alarm looks back: the shortest that CloudWatch offers."""

RELEASES = (
    "def handle(event, context):\n    return {'status': 200, 'release': 1}\n",
    "def handle(event, context):\n    raise RuntimeError('release 2 cannot reach the payment service')\n",
)
_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)


class Served(NamedTuple):
    """One call of a customer: when, whether it went well, and how many seconds it took."""

    at: datetime
    well: bool
    seconds: float


class Traffic:
    """Customers: they call the live alias a few times a second, and their calls are what the alarm measures."""

    def __init__(self, functions: Client, function: str = FUNCTION, every: float = 0.25) -> None:
        self._functions, self._function, self._every = functions, function, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)
        self.calls: list[Served] = []

    @property
    def served(self) -> int:
        """How many calls went well."""
        return sum(call.well for call in self.calls)

    @property
    def failed(self) -> int:
        """How many did not."""
        return sum(not call.well for call in self.calls)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            at, began = utc_now(), time.monotonic()
            well = self._call()
            self.calls.append(Served(at, well, time.monotonic() - began))

    def _call(self) -> bool:
        try:
            answer = self._functions.invoke(FunctionName=self._function, Qualifier=ALIAS, Payload=b"{}")
        except (BotoCoreError, ClientError):
            return False
        return "FunctionError" not in answer


class Estate:
    """A customer's function, alias and alarm."""

    def __init__(
        self, client: Callable[[str], Client], function: str = FUNCTION, releases: tuple[str, str] = RELEASES
    ) -> None:
        self._client, self.function, self._releases = client, function, releases
        self.alarm_name = f"canary-{function}-errors"
        self._functions = client("lambda")
        self._versions: list[str] = []

    def make(self) -> None:
        """Two releases of the function, the live alias on the good one, and an alarm on the alias's errors."""
        iam = self._client("iam")
        try:
            role = iam.create_role(RoleName=f"{self.function}-role", AssumeRolePolicyDocument=_TRUST)["Role"]["Arn"]
        except iam.exceptions.EntityAlreadyExistsException:
            role = iam.get_role(RoleName=f"{self.function}-role")["Role"]["Arn"]
        with suppress(self._functions.exceptions.ResourceNotFoundException):
            self._functions.delete_function(FunctionName=self.function)
        self._functions.create_function(
            FunctionName=self.function,
            Runtime="python3.13",
            Role=role,
            Handler="app.handle",
            Code={"ZipFile": _zip(self._releases[0])},
            Timeout=5,
        )
        self._versions = [self._publish()]
        self._functions.update_function_code(FunctionName=self.function, ZipFile=_zip(self._releases[1]))
        self._versions.append(self._publish())
        self._functions.create_alias(FunctionName=self.function, Name=ALIAS, FunctionVersion=self._versions[0])
        self._client("cloudwatch").put_metric_alarm(
            AlarmName=self.alarm_name,
            AlarmDescription=f"Errors of {self.function}:{ALIAS}",
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Dimensions=[
                {"Name": "FunctionName", "Value": self.function},
                {"Name": "Resource", "Value": f"{self.function}:{ALIAS}"},
            ],
            Statistic="Sum",
            Period=PERIOD,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )

    def exists(self) -> bool:
        """Whether there is a function of that name already."""
        try:
            self._functions.get_function_configuration(FunctionName=self.function)
        except self._functions.exceptions.ResourceNotFoundException:
            return False
        return True

    def remove(self) -> None:
        """Take it all away again."""
        self._client("cloudwatch").delete_alarms(AlarmNames=[self.alarm_name])
        self._functions.delete_function(FunctionName=self.function)
        self._client("iam").delete_role(RoleName=f"{self.function}-role")

    def release(self) -> None:
        """Ship the bad release, as a pipeline would: the alias moves on, and remembers what was good."""
        good, bad = self._versions
        self._functions.update_alias(
            FunctionName=self.function, Name=ALIAS, FunctionVersion=bad, Description=f"last-good={good}"
        )

    def version(self) -> str:
        """The version that customers get."""
        return str(self._functions.get_alias(FunctionName=self.function, Name=ALIAS)["FunctionVersion"])

    def alarm(self) -> str:
        """OK, ALARM or INSUFFICIENT_DATA."""
        answer = self._client("cloudwatch").describe_alarms(AlarmNames=[self.alarm_name])
        return str(answer["MetricAlarms"][0]["StateValue"])

    def wait_for_alarm(self, state: str, seconds: float) -> None:
        """Wait until the alarm says so; Unavailable when it does not in time."""
        until = time.monotonic() + seconds
        while self.alarm() != state:
            if time.monotonic() > until:
                raise Unavailable(f"the alarm {self.alarm_name} is {self.alarm()} after {seconds:.0f} s, not {state}")
            time.sleep(0.1)

    def _publish(self) -> str:
        return str(self._functions.publish_version(FunctionName=self.function)["Version"])


def _zip(source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", source)
    return packed.getvalue()
