"""Read roles, keys, alarms, logs, routes and nested stacks back as a template would write them."""

from typing import Any

from cli.sandbox.deploy import Clients

Properties = dict[str, Any]


def role(clients: Clients, name: str, _asked: Properties) -> Properties:
    iam = clients("iam")
    found = iam.get_role(RoleName=name)["Role"]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    inline = [
        iam.get_role_policy(RoleName=name, PolicyName=own)
        for own in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    return {
        **found,
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
        "Policies": inline,
        "PermissionsBoundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
    }


def policy(clients: Clients, _name: str, asked: Properties) -> Properties:
    """All its roles must carry it: one that does not is an error of the API, which says so."""
    found = [clients("iam").get_role_policy(RoleName=name, PolicyName=asked["PolicyName"]) for name in asked["Roles"]]
    return {**found[0], "Roles": [each["RoleName"] for each in found]}


def managed_policy(clients: Clients, arn: str, _asked: Properties) -> Properties:
    iam = clients("iam")
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    roles = [item["RoleName"] for item in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]]
    named = {"ManagedPolicyName": found["PolicyName"], "Roles": roles}
    return {**found, **named, "PolicyDocument": version["Document"]}


def key(clients: Clients, name: str, _asked: Properties) -> Properties:
    kms = clients("kms")
    found = kms.describe_key(KeyId=name)["KeyMetadata"]
    rotated = (
        found.get("KeySpec") == "SYMMETRIC_DEFAULT" and kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"]
    )
    said = kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"]
    return {**found, "KeyPolicy": said, "EnableKeyRotation": rotated}


def key_alias(clients: Clients, name: str, _asked: Properties) -> Properties:
    return next((each for each in clients("kms").list_aliases()["Aliases"] if each["AliasName"] == name), {})


def alarm(clients: Clients, name: str, _asked: Properties) -> Properties:
    return next(iter(clients("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]), {})


def composite_alarm(clients: Clients, name: str, _asked: Properties) -> Properties:
    found = clients("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    return next(iter(found["CompositeAlarms"]), {})


def dashboard(clients: Clients, name: str, _asked: Properties) -> Properties:
    return dict(clients("cloudwatch").get_dashboard(DashboardName=name))


def log_group(clients: Clients, name: str, _asked: Properties) -> Properties:
    groups = clients("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return next((group for group in groups if group["logGroupName"] == name), {})


def stack(clients: Clients, name: str, _asked: Properties) -> Properties:
    """A nested stack: its own resources are read like those of any other stack."""
    found = clients("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return {"Parameters": {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", ())}}


def api(clients: Clients, name: str, _asked: Properties) -> Properties:
    return dict(clients("apigatewayv2").get_api(ApiId=name))


def stage(clients: Clients, name: str, asked: Properties) -> Properties:
    return {**clients("apigatewayv2").get_stage(ApiId=asked["ApiId"], StageName=name), "ApiId": asked["ApiId"]}


def route(clients: Clients, name: str, asked: Properties) -> Properties:
    return {**clients("apigatewayv2").get_route(ApiId=asked["ApiId"], RouteId=name), "ApiId": asked["ApiId"]}


def integration(clients: Clients, name: str, asked: Properties) -> Properties:
    found = clients("apigatewayv2").get_integration(ApiId=asked["ApiId"], IntegrationId=name)
    return {**found, "ApiId": asked["ApiId"]}


def authorizer(clients: Clients, name: str, asked: Properties) -> Properties:
    found = clients("apigatewayv2").get_authorizer(ApiId=asked["ApiId"], AuthorizerId=name)
    return {**found, "ApiId": asked["ApiId"]}


READERS = {
    "AWS::IAM::Role": role,
    "AWS::IAM::Policy": policy,
    "AWS::IAM::ManagedPolicy": managed_policy,
    "AWS::KMS::Key": key,
    "AWS::KMS::Alias": key_alias,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::CompositeAlarm": composite_alarm,
    "AWS::CloudWatch::Dashboard": dashboard,
    "AWS::Logs::LogGroup": log_group,
    "AWS::CloudFormation::Stack": stack,
    "AWS::ApiGatewayV2::Api": api,
    "AWS::ApiGatewayV2::Stage": stage,
    "AWS::ApiGatewayV2::Route": route,
    "AWS::ApiGatewayV2::Integration": integration,
    "AWS::ApiGatewayV2::Authorizer": authorizer,
}
