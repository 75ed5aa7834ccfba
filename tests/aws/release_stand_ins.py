"""Stand-ins for the services that releases go through: a balancer's rule, CodeDeploy, AppConfig.

Moto has a balancer, but makes it in seconds; of CodeDeploy and AppConfig it has no deployment that could be stopped.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from tests.aws.stand_ins import Answer, answered


@contextmanager
def answering(service: str, answers: Mapping[str, Answer]) -> Iterator[None]:
    """Some operations of a service answer so."""
    with ExitStack() as stack:
        for operation, answer in answers.items():
            stack.enter_context(answered(service, operation, answer))
        yield


class Rule:
    """One rule of a listener: nine of ten requests go to blue, one to green; blue was last good."""

    def __init__(self, arn: str, blue: str, green: str) -> None:
        self.arn = arn
        self.actions: list[dict[str, Any]] = [
            {
                "Type": "forward",
                "ForwardConfig": {
                    "TargetGroups": [
                        {"TargetGroupArn": blue, "Weight": 90},
                        {"TargetGroupArn": green, "Weight": 10},
                    ],
                    "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 600},
                },
            }
        ]
        self.default = False
        self.tags = [{"Key": "last-good", "Value": "blue"}]
        self.health = {blue: ["healthy", "healthy"], green: ["healthy"]}

    def rules(self, said: dict[str, Any]) -> dict[str, Any]:
        """As it stands."""
        rule = {"RuleArn": self.arn, "Priority": "1", "Actions": self.actions, "IsDefault": self.default}
        return {"Rules": [rule] if said["RuleArns"] == [self.arn] else []}

    def tagged(self, _: dict[str, Any]) -> dict[str, Any]:
        """What its pipeline wrote down."""
        return {"TagDescriptions": [{"ResourceArn": self.arn, "Tags": self.tags}]}

    def targets(self, said: dict[str, Any]) -> dict[str, Any]:
        """How the targets of a group are."""
        states = self.health[said["TargetGroupArn"]]
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}} for state in states]}

    def modify(self, said: dict[str, Any]) -> dict[str, Any]:
        """All of its actions anew."""
        self.actions = said["Actions"]
        return self.rules({"RuleArns": [self.arn]})

    def answering(self) -> Any:
        """In place of Elastic Load Balancing."""
        return answering(
            "elbv2",
            {
                "DescribeRules": self.rules,
                "DescribeTags": self.tagged,
                "DescribeTargetHealth": self.targets,
                "ModifyRule": self.modify,
            },
        )


class Deployments:
    """A deployment group in the midst of a deployment; to stop it begins another one that takes it back."""

    def __init__(self) -> None:
        self.deployments: list[dict[str, Any]] = [
            {"deploymentId": "d-NEW000002", "creator": "user", "status": "InProgress"}
        ]
        self.group: dict[str, Any] = {"lastSuccessfulDeployment": {"deploymentId": "d-OLD000001"}}

    def described(self, _: dict[str, Any]) -> dict[str, Any]:
        """The group."""
        return {"deploymentGroupInfo": self.group}

    def listed(self, said: dict[str, Any]) -> dict[str, Any]:
        """The ids of those in some states."""
        return {"deployments": [one["deploymentId"] for one in self.deployments if one["status"] in said[STATUSES]]}

    def one(self, said: dict[str, Any]) -> dict[str, Any]:
        """One of them."""
        return {"deploymentInfo": next(one for one in self.deployments if one["deploymentId"] == said["deploymentId"])}

    def begin(self, deployment: str, creator: str = "user") -> None:
        """One more."""
        self.deployments.append({"deploymentId": deployment, "creator": creator, "status": "InProgress"})

    def stop(self, said: dict[str, Any]) -> dict[str, Any]:
        """One ends, and the way back begins."""
        self.one(said)["deploymentInfo"]["status"] = "Stopped"
        if said["autoRollbackEnabled"]:
            self.begin(f"d-BACK{len(self.deployments):05}", "codeDeployRollback")
        return {"status": "Succeeded"}

    def answering(self) -> Any:
        """In place of CodeDeploy."""
        return answering(
            "codedeploy",
            {
                "GetDeploymentGroup": self.described,
                "ListDeployments": self.listed,
                "GetDeployment": self.one,
                "StopDeployment": self.stop,
            },
        )


STATUSES = "includeOnlyStatuses"


class Configurations:
    """An environment's deployments of configuration, newest first."""

    def __init__(self, state: str = "BAKING") -> None:
        self.deployments = [self._deployment(7, state), self._deployment(6, "COMPLETE")]

    def _deployment(self, number: int, state: str) -> dict[str, Any]:
        version = str(number - 4)
        return {"DeploymentNumber": number, "ConfigurationName": "features", VERSION: version, "State": state}

    def deploy(self, number: int) -> None:
        """One more."""
        self.deployments.insert(0, self._deployment(number, "DEPLOYING"))

    def listed(self, said: dict[str, Any]) -> dict[str, Any]:
        """The newest."""
        return {"Items": self.deployments[: said["MaxResults"]]}

    def stop(self, said: dict[str, Any]) -> dict[str, Any]:
        """One is taken back; what is complete, only where that was asked for."""
        one = next(one for one in self.deployments if one["DeploymentNumber"] == said["DeploymentNumber"])
        one["State"] = "REVERTED" if one["State"] == "COMPLETE" and said["AllowRevert"] else "ROLLED_BACK"
        return {"DeploymentNumber": one["DeploymentNumber"], "State": one["State"]}

    def answering(self) -> Any:
        """In place of AppConfig."""
        return answering("appconfig", {"ListDeployments": self.listed, "StopDeployment": self.stop})


VERSION = "ConfigurationVersion"
