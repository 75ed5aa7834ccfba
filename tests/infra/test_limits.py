"""What AWS takes at most, asserted on what we deploy."""

import json

from tests.infra.reading import Assembly

RESOURCES = 400
TEMPLATE_BYTES = 1_000_000
PATTERN_CHARACTERS = 2_000
QUEUE_POLICY_BYTES = 20_000
ENVIRONMENT_BYTES = 4_096


def compact(value: object) -> int:
    return len(json.dumps(value, separators=(",", ":")))


def test_a_template_stays_well_below_five_hundred_resources_and_a_megabyte(prod: Assembly) -> None:
    for template in prod.templates:
        assert len(template.resources()) <= RESOURCES
        assert len(template.text.encode()) < TEMPLATE_BYTES


def test_a_rule_is_within_what_eventbridge_takes(prod: Assembly) -> None:
    for rule in prod.compute.of("AWS::Events::Rule").values():
        assert compact(rule.get("EventPattern", {})) <= PATTERN_CHARACTERS
        assert len(rule["Name"]) <= 64
        assert len(rule["Targets"]) <= 5
        assert len(rule["Targets"][0].get("InputTransformer", {}).get("InputTemplate", "")) <= 8_192


def test_a_queue_policy_stays_small_however_many_policies_there_are(prod: Assembly) -> None:
    for item in prod.compute.of("AWS::SQS::QueuePolicy").values():
        assert compact(item["PolicyDocument"]) < QUEUE_POLICY_BYTES


def test_an_environment_is_within_what_lambda_takes(prod: Assembly) -> None:
    for function in prod.compute.of("AWS::Lambda::Function").values():
        assert compact(function["Environment"]["Variables"]) < ENVIRONMENT_BYTES
        assert len(function["FunctionName"]) <= 64
        assert len(function["Layers"]) <= 5


def test_the_machine_is_within_what_step_functions_takes(prod: Assembly) -> None:
    assert len(prod.compute.one("AWS::StepFunctions::StateMachine")["DefinitionString"]) < 1_000_000
