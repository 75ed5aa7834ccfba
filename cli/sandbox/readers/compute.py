"""Read functions, their mappings and state machines back as a template would write them."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from cli.sandbox.deploy import Clients

Properties = dict[str, Any]


def packed(clients: Clients, asked: Properties, digest: str) -> Properties | None:
    """Where the code was asked to come from, if what lies there is what was deployed."""
    where = {"Bucket": asked["S3Bucket"], "Key": asked["S3Key"]}
    body = clients("s3").get_object(**where)["Body"].read()
    return asked if b64encode(hashlib.sha256(body).digest()).decode() == digest else None


def function(clients: Clients, name: str, asked: Properties) -> Properties:
    found = clients("lambda").get_function_configuration(FunctionName=name)
    reserved = clients("lambda").get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    return {
        **found,
        "Code": packed(clients, asked["Code"], found["CodeSha256"]),
        "Layers": [layer["Arn"] for layer in found.get("Layers", ())],
        "ReservedConcurrentExecutions": reserved,
    }


def version(clients: Clients, arn: str, _asked: Properties) -> Properties:
    return dict(clients("lambda").get_function_configuration(FunctionName=arn))


def alias(clients: Clients, arn: str, asked: Properties) -> Properties:
    found = clients("lambda").get_alias(FunctionName=asked["FunctionName"], Name=asked["Name"])
    weights: Mapping[str, float] = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    routed = [{"FunctionVersion": name, "FunctionWeight": weight} for name, weight in weights.items()]
    return {
        **found,
        "FunctionName": arn.split(":")[6],
        "RoutingConfig": {"AdditionalVersionWeights": routed},
        "Description": found.get("Description"),
    }


def layer(clients: Clients, arn: str, asked: Properties) -> Properties:
    found = clients("lambda").get_layer_version_by_arn(Arn=arn)
    content = packed(clients, asked["Content"], found["Content"]["CodeSha256"])
    return {**found, "LayerName": arn.split(":")[6], "Content": content}


def permission(clients: Clients, statement: str, asked: Properties) -> Properties:
    policy = json.loads(clients("lambda").get_policy(FunctionName=asked["FunctionName"])["Policy"])
    found = next((item for item in policy["Statement"] if item["Sid"] == statement), None)
    if found is None:
        return {}
    conditions = {key.lower(): value for test in found.get("Condition", {}).values() for key, value in test.items()}
    principal, name = found["Principal"], asked["FunctionName"]
    return {
        "Action": found["Action"],
        "FunctionName": name if found["Resource"].endswith(name.split(":")[-1]) else found["Resource"],
        "Principal": principal if isinstance(principal, str) else next(iter(principal.values())),
        "SourceArn": conditions.get("aws:sourcearn"),
        "SourceAccount": conditions.get("aws:sourceaccount"),
        "FunctionUrlAuthType": conditions.get("lambda:functionurlauthtype"),
    }


def event_source_mapping(clients: Clients, uuid: str, asked: Properties) -> Properties:
    found = clients("lambda").get_event_source_mapping(UUID=uuid)
    name = asked["FunctionName"]
    return {
        **found,
        "FunctionName": found["FunctionArn"] if name.startswith("arn:") else found["FunctionArn"].split(":")[6],
        "Enabled": found["State"] == "Enabled",
    }


def event_invoke_config(clients: Clients, _name: str, asked: Properties) -> Properties:
    where = {"FunctionName": asked["FunctionName"], "Qualifier": asked["Qualifier"]}
    return {**clients("lambda").get_function_event_invoke_config(**where), **where}


def url(clients: Clients, _name: str, asked: Properties) -> Properties:
    found = clients("lambda").get_function_url_config(FunctionName=asked["TargetFunctionArn"])
    return {**found, "TargetFunctionArn": found["FunctionArn"]}


def state_machine(clients: Clients, arn: str, _asked: Properties) -> Properties:
    found = clients("stepfunctions").describe_state_machine(stateMachineArn=arn)
    return {
        **found,
        "StateMachineName": found["name"],
        "StateMachineType": found["type"],
        "DefinitionString": found["definition"],
    }


def definition(clients: Clients, asked: Properties) -> Properties:
    """The definition a machine asks for, wherever it lies, with its substitutions made."""
    rest = {name: value for name, value in asked.items() if not name.startswith("Definition")}
    text = asked.get("DefinitionString", "")
    if "DefinitionS3Location" in asked:
        place = asked["DefinitionS3Location"]
        text = clients("s3").get_object(Bucket=place["Bucket"], Key=place["Key"])["Body"].read().decode()
    for name, value in asked.get("DefinitionSubstitutions", {}).items():
        text = text.replace(f"${{{name}}}", str(value))
    return {**rest, "DefinitionString": text}


READERS = {
    "AWS::Lambda::Function": function,
    "AWS::Lambda::Version": version,
    "AWS::Lambda::Alias": alias,
    "AWS::Lambda::LayerVersion": layer,
    "AWS::Lambda::Permission": permission,
    "AWS::Lambda::EventSourceMapping": event_source_mapping,
    "AWS::Lambda::EventInvokeConfig": event_invoke_config,
    "AWS::Lambda::Url": url,
    "AWS::StepFunctions::StateMachine": state_machine,
}
