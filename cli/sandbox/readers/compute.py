"""Read functions, their mappings and state machines back as a template would write them."""

import json
from collections.abc import Mapping
from typing import Any

from cli.sandbox.deploy import Clients

Properties = dict[str, Any]


def function(clients: Clients, name: str, _asked: Properties) -> Properties:
    found = clients("lambda").get_function_configuration(FunctionName=name)
    reserved = clients("lambda").get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    layers = [layer["Arn"] for layer in found.get("Layers", ())]
    return {**found, "Layers": layers, "ReservedConcurrentExecutions": reserved, **tags(clients, found["FunctionArn"])}


def tags(clients: Clients, arn: str) -> Properties:
    named = clients("lambda").list_tags(Resource=arn).get("Tags", {})
    return {"Tags": [{"Key": key, "Value": value} for key, value in named.items()]}


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


def layer(clients: Clients, arn: str, _asked: Properties) -> Properties:
    found = clients("lambda").get_layer_version_by_arn(Arn=arn)
    return {**found, "LayerName": arn.split(":")[6]}


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


def state_machine(clients: Clients, arn: str, asked: Properties) -> Properties:
    found = clients("stepfunctions").describe_state_machine(stateMachineArn=arn)
    left = [name for name in asked.get("DefinitionSubstitutions", ()) if f"${{{name}}}" in found["definition"]]
    return {
        **found,
        "StateMachineName": found["name"],
        "StateMachineType": found["type"],
        "DefinitionString": found["definition"],
        "DefinitionSubstitutions": {} if left else asked.get("DefinitionSubstitutions"),
        "Tags": [
            {"Key": tag["key"], "Value": tag["value"]}
            for tag in clients("stepfunctions").list_tags_for_resource(resourceArn=arn)["tags"]
        ],
    }


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
