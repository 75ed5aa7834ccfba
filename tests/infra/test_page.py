"""The page of approvals as it is deployed: open to every browser, able to do nothing but through the issuer's guard."""

import pytest

from edsr.route import ASKED, PAGE
from infra.app import build
from infra.config import load
from infra.errors import ConfigurationInvalid
from infra.parts.page import GUARDED, OPEN
from tests.infra.reading import Assembly, Properties, Template, as_list
from tests.infra.test_limits import RESOURCES

SIGN_IN = {"issuer": "https://id.example.com/realm", "client-id": "edsr-page"}
ROUTES = "AWS::ApiGatewayV2::Route"
KEY = "<PageKey9F737E92.Arn>"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return Assembly(build(tmp_path_factory.mktemp("page"), "prod", given={"sign-in": SIGN_IN}))


@pytest.fixture
def page(shown: Assembly) -> Template:
    return shown.approvals


def function(template: Template, name: str) -> Properties:
    return template.one("AWS::Lambda::Function", FunctionName=name)


def leads_to(template: Template, route: Properties) -> str:
    integration = template.of("AWS::ApiGatewayV2::Integration")[route["Target"].split("<")[1].strip(">")]
    names = template.named("AWS::Lambda::Function", "FunctionName")
    return names[integration["IntegrationUri"].strip("<>").removesuffix(".Arn")]


def test_where_nobody_says_who_people_are_nothing_of_it_is_deployed(dev: Assembly) -> None:
    assert not (dev.folder / "Edsr-Approvals.template.json").exists()
    for template in dev.templates:
        assert not any(name in template.text for name in (PAGE, "HMAC_256", "edsr-issuer", "/edsr/page-url"))


def test_what_reads_and_answers_is_guarded_by_the_issuer_and_what_shows_is_not(page: Template) -> None:
    routes = {route["RouteKey"]: route for route in page.of(ROUTES).values()}
    (guard,) = page.of("AWS::ApiGatewayV2::Authorizer")
    assert set(routes) == {*OPEN, *GUARDED}
    assert {name: leads_to(page, route) for name, route in routes.items()} == {
        **dict.fromkeys(OPEN, PAGE),
        **dict.fromkeys(GUARDED, ASKED),
    }
    for name, route in routes.items():
        guarded = ("JWT", f"<{guard}>") if name in GUARDED else ("NONE", None)
        assert (route["AuthorizationType"], route.get("AuthorizerId")) == guarded


def test_the_guard_asks_the_issuer_for_this_client_and_no_other(page: Template) -> None:
    guard = page.one("AWS::ApiGatewayV2::Authorizer")
    assert (guard["AuthorizerType"], guard["IdentitySource"]) == ("JWT", ["$request.header.Authorization"])
    assert guard["JwtConfiguration"] == {"Issuer": SIGN_IN["issuer"], "Audience": [SIGN_IN["client-id"]]}


def granted(template: Template, name: str) -> dict[str, set[str]]:
    """What a function's role may do, by what it may do it on."""
    role = function(template, name)["Role"].strip("<>").removesuffix(".Arn")
    found: dict[str, set[str]] = {}
    for owner, statement in template.statements():
        if owner == role and statement["Effect"] == "Allow":
            for resource in as_list(statement["Resource"]):
                found.setdefault(resource, set()).update(as_list(statement["Action"]))
    return found


def test_the_page_itself_may_write_its_log_and_nothing_else(page: Template) -> None:
    (actions,) = granted(page, PAGE).values()
    assert actions == {"logs:CreateLogStream", "logs:PutLogEvents"}
    said = function(page, PAGE)["Environment"]["Variables"]
    assert said["EDSR_PAGE_URL"] == "<PageApiD66116A7.ApiEndpoint>"
    assert not any("SECRET" in name or "TABLE" in name for name in said)


def test_who_answers_for_people_signs_with_a_key_that_nobody_has_and_reaches_incidents_only(page: Template) -> None:
    found = granted(page, ASKED)
    assert found[KEY] == {"kms:GenerateMac", "kms:VerifyMac"}
    key = page.one("AWS::KMS::Key")
    assert (key["KeySpec"], key["KeyUsage"]) == ("HMAC_256", "GENERATE_VERIFY_MAC")
    limited = [
        statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        for _, statement in page.statements()
        if "dynamodb" in str(statement["Action"]) and statement["Effect"] == "Allow"
    ]
    assert limited
    assert all(keys == ["INC#*"] for keys in limited)


def test_each_path_may_invoke_its_own_function_and_nobody_else_may(page: Template) -> None:
    names = page.named("AWS::Lambda::Function", "FunctionName")
    may = {
        (item["SourceArn"].split("/*/")[1], names[item["FunctionName"].strip("<>").removesuffix(".Arn")])
        for item in page.of("AWS::Lambda::Permission").values()
    }
    assert may == {
        (path.replace(" ", "").replace("{incident}", "*"), PAGE if path in OPEN else ASKED)
        for path in (*OPEN, *GUARDED)
    }
    assert {item["Principal"] for item in page.of("AWS::Lambda::Permission").values()} == {"apigateway.amazonaws.com"}


def test_it_is_throttled_and_logged_without_what_a_sign_in_brings_back(page: Template) -> None:
    stage = page.one("AWS::ApiGatewayV2::Stage")
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 5
    logged = stage["AccessLogSettings"]["Format"]
    assert "$context.authorizer.claims.email" in logged
    assert not any(word in logged for word in ("query", "header", "$context.path"))


def test_who_is_paged_about_a_plan_is_told_where_to_answer(dev: Assembly, shown: Assembly) -> None:
    for assembly, where in ((dev, "edsr approvals show <incident_id>"), (shown, "<PageUrl>/approvals/<incident_id>")):
        rule = assembly.compute.one("AWS::Events::Rule", Name="edsr-page-approval-requested")
        assert f"Answer: {where}" in rule["Targets"][0]["InputTransformer"]["InputTemplate"]
    assert function(shown.compute, "edsr-notify")["Environment"]["Variables"]["EDSR_PAGE_URL"] == "<PageUrl>"


def test_nothing_reads_where_the_page_is_before_it_is_made(shown: Assembly) -> None:
    assert "PageUrl" in shown.compute.body["Parameters"]
    assert not any("PageUrl" in template.body["Parameters"] for template in (shown.approvals, shown.actions))


def test_it_is_small_and_says_where_it_is(page: Template) -> None:
    assert len(page.resources()) <= RESOURCES
    assert page.one("AWS::SSM::Parameter")["Name"] == "/edsr/page-url"


@pytest.mark.parametrize(
    "said",
    [
        SIGN_IN | {"issuer": "http://id.example.com"},
        SIGN_IN | {"issuer": "http://localhost.evil.example:80"},
        SIGN_IN | {"claim": "groups"},
        SIGN_IN | {"url": "http://approvals.example.com"},
        {"issuer": "https://id.example.com"},
    ],
)
def test_an_issuer_that_cannot_be_trusted_stops_the_synth(said: dict[str, str]) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"prod\.json: \$\.sign-in"):
        load("prod", {"sign-in": said})


def test_the_key_of_the_suite_lets_every_log_group_of_an_api_be_encrypted(dev: Assembly, page: Template) -> None:
    statements = [item for key in dev.stateful.of("AWS::KMS::Key").values() for item in key["KeyPolicy"]["Statement"]]
    (allowed,) = (
        item["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
        for item in statements
        if item.get("Sid") == "LogGroupsOfTheSuite"
    )
    groups = [
        item["LogGroupName"]
        for item in (*page.of("AWS::Logs::LogGroup").values(), *dev.compute.of("AWS::Logs::LogGroup").values())
    ]
    prefixes = [pattern.rsplit(":log-group:", 1)[1].removesuffix("*") for pattern in allowed]
    assert [name for name in groups if not any(name.startswith(prefix) for prefix in prefixes)] == []
