"""Stand-ins for what instances live in: EC2, an Auto Scaling group, the shifts of a load balancer's zones.

Moto has the first two, but makes a network in seconds; of shifts it has nothing.
"""

from typing import Any

from tests import estate
from tests.aws.release_stand_ins import answering

INSTANCE = "i-0a1b2c3d4e5f60718"
OPEN, CLOSED = "sg-0a1b2c3d4e5f60718", "sg-0f1e2d3c4b5a69788"


class Instances:
    """One instance with one interface and one volume, behind a group that is open; another group has no rule."""

    def __init__(self) -> None:
        self.owner = estate.ACCOUNT
        self.state = "running"
        self.groups = [OPEN]
        self.interfaces = 1
        self.tags = [{"Key": "Name", "Value": "web-1"}]
        self.rules: dict[str, list[str]] = {OPEN: ["sgr-1"], CLOSED: []}
        self.snapshots: list[dict[str, Any]] = []

    @property
    def instance(self) -> dict[str, Any]:
        """As EC2 describes it."""
        return {
            "InstanceId": INSTANCE,
            "State": {"Name": self.state},
            "ImageId": "ami-0a1b2c3d4e5f60718",
            "PrivateIpAddress": "10.0.0.7",
            "SecurityGroups": [{"GroupId": group} for group in self.groups],
            "NetworkInterfaces": [{"NetworkInterfaceId": f"eni-{n}"} for n in range(self.interfaces)],
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-0a1b2c3d4e5f60718"}}],
            "Tags": self.tags,
        }

    def described(self, _: dict[str, Any]) -> dict[str, Any]:
        """In its reservation."""
        return {"Reservations": [{"OwnerId": self.owner, "Instances": [self.instance]}]}

    def attached(self, _: dict[str, Any]) -> dict[str, Any]:
        """Its interfaces."""
        groups = [{"GroupId": group} for group in self.groups]
        return {"NetworkInterfaces": [{"Groups": groups}] * self.interfaces}

    def ruled(self, said: dict[str, Any]) -> dict[str, Any]:
        """The rules of a group."""
        (group,) = said["Filters"][0]["Values"]
        return {"SecurityGroupRules": [{"SecurityGroupRuleId": rule} for rule in self.rules[group]]}

    def modify(self, said: dict[str, Any]) -> dict[str, Any]:
        """Other groups."""
        self.groups = said["Groups"]
        return {}

    def kept(self, said: dict[str, Any]) -> dict[str, Any]:
        """Snapshots with these tags."""
        wanted = {one["Name"].removeprefix("tag:"): one["Values"] for one in said["Filters"]}
        found = [
            one
            for one in self.snapshots
            if all({tag["Key"]: tag["Value"] for tag in one["Tags"]}.get(name) in of for name, of in wanted.items())
        ]
        return {"Snapshots": found}

    def keep(self, said: dict[str, Any]) -> dict[str, Any]:
        """One more."""
        tags = said["TagSpecifications"][0]["Tags"]
        snapshot = {"SnapshotId": f"snap-{len(self.snapshots):017x}", "State": "pending", "Tags": tags}
        self.snapshots.append(snapshot)
        return {"Snapshots": [snapshot]}

    def answering(self) -> Any:
        """In place of EC2."""
        return answering(
            "ec2",
            {
                "DescribeInstances": self.described,
                "DescribeNetworkInterfaces": self.attached,
                "DescribeSecurityGroupRules": self.ruled,
                "ModifyInstanceAttribute": self.modify,
                "DescribeSnapshots": self.kept,
                "CreateSnapshots": self.keep,
            },
        )


class Scaling:
    """An Auto Scaling group of two; what is taken out is replaced when time passes."""

    def __init__(self) -> None:
        self.instances = {INSTANCE: "Healthy", "i-0b": "Healthy"}
        self.suspended: list[str] = []
        self.desired = 2

    def of(self, said: dict[str, Any]) -> dict[str, Any]:
        """The group of an instance."""
        found = [
            {
                "InstanceId": name,
                "AutoScalingGroupName": "web",
                "AvailabilityZone": "us-east-1a",
                "LifecycleState": "InService",
                "HealthStatus": self.instances[name].upper(),
                "LaunchConfigurationName": "",
                "ProtectedFromScaleIn": False,
            }
            for name in said["InstanceIds"]
            if name in self.instances
        ]
        return {"AutoScalingInstances": found}

    def groups(self, said: dict[str, Any]) -> dict[str, Any]:
        """The group, where it is asked for."""
        instances = [
            {"InstanceId": name, "LifecycleState": "InService", "HealthStatus": health}
            for name, health in self.instances.items()
        ]
        suspended = [{"ProcessName": name} for name in self.suspended]
        group = {"Instances": instances, "DesiredCapacity": self.desired, "SuspendedProcesses": suspended}
        return {"AutoScalingGroups": [group] if said["AutoScalingGroupNames"] == ["web"] else []}

    def detach(self, said: dict[str, Any]) -> dict[str, Any]:
        """Out, and nothing less is wanted."""
        assert said["ShouldDecrementDesiredCapacity"] is False
        for name in said["InstanceIds"]:
            del self.instances[name]
        return {"Activities": []}

    def attach(self, said: dict[str, Any]) -> dict[str, Any]:
        """In, and one more is wanted."""
        self.instances |= dict.fromkeys(said["InstanceIds"], "Healthy")
        self.desired += len(said["InstanceIds"])
        return {}

    def launch(self) -> None:
        """Another one comes."""
        self.instances["i-0c"] = "Healthy"

    def answering(self) -> Any:
        """In place of EC2 Auto Scaling."""
        return answering(
            "autoscaling",
            {
                "DescribeAutoScalingInstances": self.of,
                "DescribeAutoScalingGroups": self.groups,
                "DetachInstances": self.detach,
                "AttachInstances": self.attach,
            },
        )


class Zones:
    """A balancer in three zones."""

    def __init__(self) -> None:
        self.weights = dict.fromkeys(("use1-az1", "use1-az2", "use1-az4"), 1.0)
        self.shifts: list[dict[str, Any]] = []
        self.autoshifts: list[dict[str, Any]] = []

    def managed(self, _: dict[str, Any]) -> dict[str, Any]:
        """What is shifted."""
        return {"appliedWeights": self.weights, "zonalShifts": self.shifts, "autoshifts": self.autoshifts}

    def start(self, said: dict[str, Any]) -> dict[str, Any]:
        """Away from one."""
        self.weights[said["awayFrom"]] = 0.0
        shift = {"zonalShiftId": f"shift-{len(self.shifts)}", "awayFrom": said["awayFrom"], "appliedStatus": "APPLIED"}
        self.shifts.insert(0, {**shift, "shiftType": "ZONAL_SHIFT"})
        return {"zonalShiftId": shift["zonalShiftId"], "status": "ACTIVE"}

    def cancel(self, said: dict[str, Any]) -> dict[str, Any]:
        """And back."""
        (shift,) = [one for one in self.shifts if one["zonalShiftId"] == said["zonalShiftId"]]
        self.weights[shift["awayFrom"]] = 1.0
        self.shifts.remove(shift)
        return {"status": "CANCELED"}

    def answering(self) -> Any:
        """In place of Application Recovery Controller."""
        return answering(
            "arc-zonal-shift",
            {
                "GetManagedResource": self.managed,
                "StartZonalShift": self.start,
                "CancelZonalShift": self.cancel,
            },
        )
