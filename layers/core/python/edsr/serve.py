"""The shell around every handler: settings, clients, log with correlation id, metrics, and errors by their names."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from edsr.declare import Function
from edsr.errors import EdsrError
from edsr.metrics import METRICS, NAMESPACE
from edsr.policy import Library
from edsr.policy.library import installed
from edsr.ports import Clients, Clock, Sleep, pause, utc_now
from edsr.settings import Settings

S = TypeVar("S", bound=Settings)
Event = dict[str, Any]


@cache
def _logger() -> Logger:
    return Logger(service=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "edsr"))


@dataclass(frozen=True)
class Runtime(Generic[S]):
    """What a stage works with: everything that is not its input."""

    settings: S
    clients: Clients
    clock: Clock = utc_now
    library: Callable[[], Library] = installed
    remaining: Callable[[], float] = lambda: float("inf")
    sleep: Sleep = pause
    log: Logger = field(default_factory=_logger)

    def count(self, name: str, value: float = 1, **said: str) -> None:
        """Emit one of METRICS (EMF); what is no dimension of it rides along in the log's line."""
        metric = METRICS[name]
        metrics = EphemeralMetrics(namespace=NAMESPACE)
        for key, what in said.items():
            (metrics.add_dimension if key in metric.dimensions else metrics.add_metadata)(key, what)
        metrics.add_metric(name, MetricUnit(metric.unit), value)
        metrics.flush_metrics()


class Handler(Generic[S]):
    """A Lambda handler: parse, call one function, return. `declared` says what infrastructure it needs."""

    def __init__(self, run: Callable[[Event, Runtime[S]], Any], declared: Function) -> None:
        self.run = run
        self.declared = declared

    def __call__(self, event: Event, context: Any) -> Any:
        """Run on AWS: settings from the environment, real clients."""
        from edsr.aws.clients import client

        settings = self.declared.settings.read(os.environ)
        runtime: Runtime[Any] = Runtime(
            settings, client, remaining=lambda: context.get_remaining_time_in_millis() / 1000
        )
        return self.handle(event, runtime)

    def handle(self, event: Event, runtime: Runtime[S]) -> Any:
        """Run with a given runtime; an error is logged, then raised under its own name for the state machine."""
        runtime.log.append_keys(incident_id=event.get("inc"))
        try:
            return self.run(event, runtime)
        except EdsrError as exc:
            runtime.log.warning("stopped", extra={"error": type(exc).__name__, "reason": str(exc)})
            raise
