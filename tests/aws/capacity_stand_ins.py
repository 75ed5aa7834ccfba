"""Stand-ins for APIs of capacity and flow that moto lacks: botocore validates the request, these keep the state."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Never

from botocore.exceptions import ClientError

from tests import estate
from tests.aws.stand_ins import Answer, answered


def absent(code: str) -> Never:
    """There is no such thing."""
    said: Any = {"Error": {"Code": code, "Message": "not found"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
    raise ClientError(said, "Operation")


class StandIn:
    """What answers some operations of one service in its place."""

    service: str

    def answers(self) -> dict[str, Answer]:
        """By operation."""
        raise NotImplementedError

    @contextmanager
    def answering(self) -> Iterator[None]:
        """In place of the service."""
        with ExitStack() as stack:
            for operation, answer in self.answers().items():
                stack.enter_context(answered(self.service, operation, answer))
            yield


class Gateway(StandIn):
    """One stage of a REST API, and one usage plan; a patch is all or nothing."""

    service = "apigateway"

    def __init__(self, api: str, plan: str) -> None:
        self.api, self.plan = api, plan
        self.settings: dict[str, dict[str, Any]] = {}
        self.throttle: dict[str, float] = {}

    def get_stage(self, said: dict[str, Any]) -> dict[str, Any]:
        """What it is."""
        if (said["restApiId"], said["stageName"]) != (self.api, "prod"):
            absent("NotFoundException")
        return {"stageName": "prod", **({"methodSettings": self.settings} if self.settings else {})}

    def update_stage(self, said: dict[str, Any]) -> dict[str, Any]:
        """Limits by the path `/resource/method/throttling/limit`."""
        names = {"rateLimit": "throttlingRateLimit", "burstLimit": "throttlingBurstLimit"}
        for change in said["patchOperations"]:
            method, _, limit = change["path"].removeprefix("/").partition("/throttling/")
            self.settings.setdefault(method, {})[names[limit]] = float(change["value"])
        return self.get_stage(said)

    def get_plan(self, said: dict[str, Any]) -> dict[str, Any]:
        """What it is."""
        if said["usagePlanId"] != self.plan:
            absent("NotFoundException")
        return {"id": self.plan, **({"throttle": self.throttle} if self.throttle else {})}

    def update_plan(self, said: dict[str, Any]) -> dict[str, Any]:
        """What has limits has them replaced, what has none has them added."""
        had = bool(self.throttle)
        for change in said["patchOperations"]:
            if change == {"op": "remove", "path": "/throttle"}:
                self.throttle = {}
            elif change["op"] != ("replace" if had else "add"):
                absent("BadRequestException")
            else:
                self.throttle[change["path"].removeprefix("/throttle/")] = float(change["value"])
        return self.get_plan(said)

    def answers(self) -> dict[str, Answer]:
        """By operation."""
        return {
            "GetStage": self.get_stage,
            "UpdateStage": self.update_stage,
            "GetUsagePlan": self.get_plan,
            "UpdateUsagePlan": self.update_plan,
        }


class Warmth(StandIn):
    """The provisioned concurrency of aliases, by `function:alias`; what is asked for is READY at the next look."""

    service = "lambda"

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.status = "READY"

    def get(self, said: dict[str, Any]) -> dict[str, Any]:
        """What was asked for, and how far it is."""
        where, _, function = said["FunctionName"].rpartition(":")
        if where not in ("", f"arn:aws:lambda:{estate.REGION}:{estate.ACCOUNT}:function"):
            absent("ResourceNotFoundException")
        name = f"{function}:{said['Qualifier']}"
        if name not in self.asked:
            absent("ProvisionedConcurrencyConfigNotFoundException")
        there = self.asked[name] if self.status == "READY" else 0
        return {
            "RequestedProvisionedConcurrentExecutions": self.asked[name],
            "AvailableProvisionedConcurrentExecutions": there,
            "AllocatedProvisionedConcurrentExecutions": there,
            "Status": self.status,
        }

    def put(self, said: dict[str, Any]) -> dict[str, Any]:
        """Ask for some."""
        self.asked[f"{said['FunctionName']}:{said['Qualifier']}"] = said["ProvisionedConcurrentExecutions"]
        return self.get(said)

    def delete(self, said: dict[str, Any]) -> dict[str, Any]:
        """Ask for none."""
        self.asked.pop(f"{said['FunctionName']}:{said['Qualifier']}")
        return {}

    def answers(self) -> dict[str, Answer]:
        """By operation."""
        return {
            "GetProvisionedConcurrencyConfig": self.get,
            "PutProvisionedConcurrencyConfig": self.put,
            "DeleteProvisionedConcurrencyConfig": self.delete,
        }


class Runs(StandIn):
    """One run of a state machine; it is redriven once for each token."""

    service = "stepfunctions"

    def __init__(self, arn: str) -> None:
        self.run: dict[str, Any] = {
            "executionArn": arn,
            "stateMachineArn": arn.rpartition(":")[0].replace(":execution:", ":stateMachine:"),
            "status": "FAILED",
            "startDate": 1_772_420_600,
            "redriveCount": 0,
            "redriveStatus": "REDRIVABLE",
        }
        self.tokens: set[str] = set()

    def describe(self, said: dict[str, Any]) -> dict[str, Any]:
        """What it is."""
        if said["executionArn"] != self.run["executionArn"]:
            absent("ExecutionDoesNotExist")
        return self.run

    def redrive(self, said: dict[str, Any]) -> dict[str, Any]:
        """It goes on."""
        if said["clientToken"] not in self.tokens:
            self.tokens.add(said["clientToken"])
            count = self.run["redriveCount"] + 1
            self.run |= {"status": "RUNNING", "redriveCount": count, "redriveStatus": "NOT_REDRIVABLE"}
        return {"redriveDate": 1_772_420_700}

    def answers(self) -> dict[str, Answer]:
        """By operation."""
        return {"DescribeExecution": self.describe, "RedriveExecution": self.redrive}


class Caches(StandIn):
    """A distribution's invalidations, newest first; the same reference is the same invalidation."""

    service = "cloudfront"

    def __init__(self) -> None:
        self.invalidations: list[dict[str, Any]] = []

    def list(self, _: dict[str, Any]) -> dict[str, Any]:
        """The newest."""
        items = [{"Id": one["Id"], "Status": one["Status"]} for one in self.invalidations[:1]]
        return {"InvalidationList": {"Quantity": len(items), **({"Items": items} if items else {})}}

    def get(self, said: dict[str, Any]) -> dict[str, Any]:
        """One of them."""
        return {"Invalidation": next(one for one in self.invalidations if one["Id"] == said["Id"])}

    def create(self, said: dict[str, Any]) -> dict[str, Any]:
        """One more."""
        batch = said["InvalidationBatch"]
        known = [one for one in self.invalidations if one["InvalidationBatch"] == batch]
        if not known:
            name = f"I{len(self.invalidations)}"
            self.invalidations.insert(0, {"Id": name, "Status": "InProgress", "InvalidationBatch": batch})
        return {"Invalidation": (known or self.invalidations)[0]}

    def answers(self) -> dict[str, Answer]:
        """By operation."""
        return {"ListInvalidations": self.list, "GetInvalidation": self.get, "CreateInvalidation": self.create}
