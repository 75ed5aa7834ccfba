"""The way in for people: IAM decides who enters, nothing else leads there, and it cannot be flooded."""

import json

import pytest

from edsr.people import may_answer, may_switch, person
from edsr.policy.services import EnvironmentPeople
from edsr.route import ASKED, PATHS
from infra import POLICIES
from infra.config import environments, load
from infra.errors import ConfigurationInvalid
from infra.policies import compile_layer
from tests.infra.reading import Assembly, Properties, as_list
from tests.infra.test_roles import allowed, role_of

FUNCTIONS = set(PATHS.values())
SANDBOX = "arn:aws:iam::000000000000:user/sandbox/ann"


def integrated(assembly: Assembly, route: Properties) -> str:
    """The function that a route leads to."""
    integration = assembly.compute.of("AWS::ApiGatewayV2::Integration")[route["Target"].split("<")[1].strip(">")]
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    return named(assembly, integration["IntegrationUri"])


def the_api(assembly: Assembly) -> str:
    (name,) = assembly.compute.of("AWS::ApiGatewayV2::Api")
    return f"<{name}>"


def named(assembly: Assembly, reference: str) -> str:
    names = assembly.compute.named("AWS::Lambda::Function", "FunctionName")
    return names.get(reference.strip("<>").removesuffix(".Arn"), "")


def test_every_route_asks_iam_and_leads_to_its_function(dev: Assembly) -> None:
    routes = dev.compute.of("AWS::ApiGatewayV2::Route").values()
    assert {route["AuthorizationType"] for route in routes} == {"AWS_IAM"}
    assert {route["RouteKey"]: integrated(dev, route) for route in routes} == {
        f"POST {path}": function for path, function in PATHS.items()
    }


def test_no_page_of_another_site_may_ask(dev: Assembly) -> None:
    api = dev.compute.one("AWS::ApiGatewayV2::Api")
    assert (api["ProtocolType"], api.get("CorsConfiguration"), api.get("Body")) == ("HTTP", None, None)


def test_it_is_throttled_and_every_request_is_logged_with_its_caller(dev: Assembly) -> None:
    stage = dev.compute.one("AWS::ApiGatewayV2::Stage")
    limits = stage["DefaultRouteSettings"]
    assert (limits["ThrottlingRateLimit"], limits["ThrottlingBurstLimit"]) == (5, 10)
    assert json.loads(stage["AccessLogSettings"]["Format"])["caller"] == "$context.identity.userArn"
    assert stage["AccessLogSettings"]["DestinationArn"].startswith("<PeopleLog")


def test_only_the_route_may_invoke_what_it_leads_to_each_path_by_itself(dev: Assembly) -> None:
    permissions = [
        item
        for item in dev.compute.of("AWS::Lambda::Permission").values()
        if named(dev, item["FunctionName"]) in FUNCTIONS
    ]
    assert {item["Principal"] for item in permissions} == {"apigateway.amazonaws.com"}
    assert {(item["SourceArn"].split("/*/")[1], named(dev, item["FunctionName"])) for item in permissions} == {
        (f"POST{path}", function) for path, function in PATHS.items()
    }
    assert all(f":{the_api(dev)}/*/" in item["SourceArn"] for item in permissions)
    assert {item["SourceAccount"] for item in permissions} == {"000000000000"}


def test_no_role_of_the_suite_may_invoke_them_and_the_boundary_forbids_it(dev: Assembly) -> None:
    granted = [item for _, item in dev.compute.statements() if item["Effect"] == "Allow"]
    invoked = {
        named(dev, resource)
        for item in granted
        if "lambda:InvokeFunction" in as_list(item["Action"])
        for resource in as_list(item["Resource"])
    }
    assert invoked
    assert invoked & FUNCTIONS == set()
    assert not any("execute-api" in action for item in granted for action in as_list(item["Action"]))
    (denial,) = [
        item for _, item in dev.compute.statements("AWS::IAM::ManagedPolicy") if item.get("Sid") == "PeopleDecide"
    ]
    assert denial["Effect"] == "Deny"
    assert set(denial["Action"]) == {"execute-api:Invoke", "lambda:InvokeFunction"}
    here = "us-east-1:000000000000"
    assert set(denial["Resource"]) == {f"arn:aws:lambda:{here}:function:{name}" for name in FUNCTIONS | {ASKED}} | {
        f"arn:aws:execute-api:{here}:*/*/POST{path}" for path in PATHS
    }


def limits(assembly: Assembly, function: str, verb: str = "") -> dict[str, list[str]]:
    """The partitions of each table that a function may touch, or do something in."""
    _, role = role_of(assembly, function)
    return {
        item["Resource"].rsplit("/", 1)[1]: item["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        for item in allowed(role)
        if any(action.startswith(f"dynamodb:{verb}") for action in as_list(item["Action"]))
    }


def test_who_switches_writes_switches_latches_labels_and_their_records_and_spends_no_token(dev: Assembly) -> None:
    changed = ["KIL#*", "CTL#*", "BRK#deny#*", "GRD#*", "MOD#*", "LBL#*", "RHS"]
    assert limits(dev, "edsr-control-switch", "Put") == {"edsr-state": changed, "edsr-audit": ["CTL#*"]}
    assert limits(dev, "edsr-control-switch", "BatchGet") == {"edsr-state": [*changed, "INC#*"]}
    _, role = role_of(dev, "edsr-control-switch")
    actions = {action for item in allowed(role) for action in as_list(item["Action"])}
    assert {action.split(":")[0] for action in actions} == {"dynamodb", "kms", "logs"}


def test_who_takes_answers_writes_incidents_and_no_switch(dev: Assembly) -> None:
    assert limits(dev, "edsr-approve-answer") == {"edsr-state": ["INC#*"], "edsr-audit": ["INC#*"]}


def test_the_commands_find_the_route_and_its_functions_know_it(dev: Assembly) -> None:
    url = dev.compute.one("AWS::SSM::Parameter", Name="/edsr/people-url")
    assert url["Value"] == f"{the_api(dev)[:-1]}.ApiEndpoint>"
    for name in FUNCTIONS:
        function = dev.compute.one("AWS::Lambda::Function", FunctionName=name)
        assert function["Environment"]["Variables"]["EDSR_ROUTE"] == the_api(dev)


def test_a_person_is_told_when_what_they_asked_failed(dev: Assembly) -> None:
    alarm = dev.compute.one("AWS::CloudWatch::Alarm", AlarmName="edsr-people-failed")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5xx")


def deployed(environment: str, account: str) -> EnvironmentPeople:
    """The environment's people, as its functions read them."""
    config = load(environment, {"account": account})
    file = compile_layer(POLICIES, config) / "python" / "edsr_policies" / "environment" / "people.json"
    return EnvironmentPeople.model_validate_json(file.read_text("utf-8"))


@pytest.mark.parametrize("environment", environments())
def test_an_environments_people_are_those_of_its_own_account(environment: str) -> None:
    everywhere = deployed(environment, "111122223333")
    admins = "assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/ann@example.com"
    ours, theirs = (
        person(f"arn:aws:sts::{number}:{admins}", everywhere) for number in ("111122223333", "444455556666")
    )
    assert ours.name.endswith(":assumed-role/*/ann@example.com")
    for allows in (may_answer, may_switch):
        assert (allows(ours, None, everywhere), allows(theirs, None, everywhere)) == (True, False)


def test_the_sandboxs_people_are_nobody_outside_dev() -> None:
    allowed_in = {
        name
        for name in environments()
        if may_switch(person(SANDBOX, deployed(name, "000000000000")), None, deployed(name, "000000000000"))
    }
    assert allowed_in == {"dev"}


def test_people_who_are_everybody_stop_the_synth() -> None:
    with pytest.raises(ConfigurationInvalid, match=r"prod\.json: \$\.people\.operators\[0\]: .*names nobody"):
        load("prod", {"people": {"operators": ["*"]}})


EXPORTED = {"GetBucketLocation", "ListBucket", "ListBucketVersions"}
OBJECTS = {"GetObject", "GetObjectVersion", "GetObjectRetention"}
QUERIES = {"StartQueryExecution", "StopQueryExecution", "GetQueryExecution", "GetQueryResults", "GetWorkGroup"}
NAMED = {"ListNamedQueries", "GetNamedQuery", "BatchGetNamedQuery", "GetDatabase", "GetTable", "GetPartitions"}
SIGNED = {"GetPublicKey"}
RESULTS = {"PutObject", "AbortMultipartUpload", "GenerateDataKey"}
AUDITS = EXPORTED | OBJECTS | QUERIES | NAMED | RESULTS | SIGNED


@pytest.mark.parametrize(
    ("role", "asks"),
    [
        ("viewer", set()),
        ("auditor", set()),
        ("approver", {"/answers", "/rehearsals"}),
        ("operator", {"/switch", "/latches", "/demotions", "/labels", "/rehearsals"}),
    ],
)
def test_each_role_of_people_may_look_and_ask_for_its_own_and_change_nothing(
    dev: Assembly, role: str, asks: set[str]
) -> None:
    policy = dev.compute.one("AWS::IAM::ManagedPolicy", ManagedPolicyName=f"edsr-{role}")
    statements = policy["PolicyDocument"]["Statement"]
    granted = [item for item in statements if item["Effect"] == "Allow"]
    api = f"arn:aws:execute-api:us-east-1:000000000000:{the_api(dev)}/$default/POST"
    asked = {place for item in granted if item["Sid"] == "Asks" for place in as_list(item["Resource"])}
    assert asked == {f"{api}{path}" for path in asks}
    others = {action for item in granted if item["Sid"] != "Asks" for action in as_list(item["Action"])}
    (live,) = (item["Resource"] for item in granted if item["Sid"] == "TheirDashboards")
    assert live.endswith(":function:edsr-record-shown"), "which reads, and shows it"
    reads = {"BatchGetItem", "GetItem", "Query", "Scan", "Decrypt", "GetParameter", "InvokeFunction"}
    assert {action.split(":")[1] for action in others} == reads | (AUDITS if role == "auditor" else set())
    (denial,) = [item for item in statements if item["Effect"] == "Deny"]
    assert {place.rsplit(":", 1)[1] for place in as_list(denial["Resource"])} == FUNCTIONS | {ASKED}
