"""The page of approvals: open to every browser, and able to do nothing but what whoever has signed in may do."""

from typing import NamedTuple

from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from edsr.route import ASKED, PAGE
from infra.catalogue import Discovered
from infra.config import Configuration, SignIn
from infra.parts import doors
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.nag import acknowledge
from infra.parts.names import PAGE_API, PAGE_PARAMETER

TOKEN = "$request.header.Authorization"  # noqa: S105 - where a token is found, not one  # nosec B105

OPEN = ("GET /approvals/{incident}", "POST /approvals/{incident}", "GET /sign-in/{incident}", "GET /signed-in")
GUARDED = ("GET /asked/{incident}", "POST /asked/{incident}")
"""What a browser asks, and what is asked in a person's name: a browser sends no header by itself, so that the page does
it, with the token that it keeps in a cookie."""

NO_HEADER = "A browser that follows a link has no token yet: this shows nothing, and leads to where one signs in"
UNTURNED = "AWS turns no HMAC key; what it has signed is over within the hour in which a plan may be agreed to"


class Made(NamedTuple):
    """What the page's functions have to know of what is made."""

    route: str
    page_key: str
    page_url: str


class Page(Construct):
    """An HTTP API with the page's open paths and, behind the issuer's authorizer, the two that look and answer."""

    def __init__(self, scope: Construct, config: Configuration, said: SignIn) -> None:
        super().__init__(scope, "Page")
        self._said = said
        self._key = self._make_key(config)
        self._api = api.CfnApi(
            self,
            "Api",
            name=PAGE_API,
            protocol_type="HTTP",
            description="EDSR: where people see what they are asked, and answer",
        )
        self.made = Made(self._api.ref, self._key.key_arn, said.url or self._api.attr_api_endpoint)

    def open(self, deployment: Deployment, found: Discovered) -> None:
        """Lead each path to its function, and say where the page is."""
        functions = {entry.name: SuiteFunction(self, deployment, entry) for entry in found.page.values()}
        authorizer = api.CfnAuthorizer(
            self,
            "Issuer",
            name="edsr-issuer",
            api_id=self._api.ref,
            authorizer_type="JWT",
            identity_source=[TOKEN],
            jwt_configuration=api.CfnAuthorizer.JWTConfigurationProperty(
                issuer=self._said.issuer, audience=[self._said.client_id]
            ),
        )
        for name, paths, guard in ((PAGE, OPEN, None), (ASKED, GUARDED, authorizer)):
            target = doors.integration(self, self._api, functions[name])
            for path in paths:
                self._lead(path, functions[name], target, guard, deployment)
        doors.stage(self, self._api, deployment, {"caller": f"$context.authorizer.claims.{self._said.claim}"})
        ssm.CfnParameter(
            self,
            "Url",
            name=PAGE_PARAMETER,
            type="String",
            value=self.made.page_url,
            description="Where people answer what they are asked",
        )

    def _make_key(self, config: Configuration) -> kms.Key:
        """Signs forms; nobody, also not whoever deploys, ever has it."""
        key = kms.Key(
            self,
            "Key",
            description="EDSR: signs the forms of the page of approvals",
            key_spec=kms.KeySpec.HMAC_256,
            key_usage=kms.KeyUsage.GENERATE_VERIFY_MAC,
            removal_policy=RemovalPolicy.DESTROY if config.destroyable else RemovalPolicy.RETAIN,
        )
        acknowledge(key, dict.fromkeys(("AwsSolutions-KMS5", "NIST.800.53.R5-KMSBackingKeyRotationEnabled"), UNTURNED))
        return key

    def _lead(
        self,
        path: str,
        worker: SuiteFunction,
        integration: api.CfnIntegration,
        guard: api.CfnAuthorizer | None,
        deployment: Deployment,
    ) -> None:
        """One path; the function may be invoked for it and for nothing else."""
        method, _, where = path.partition(" ")
        name = "".join(part.title() for part in (method, *where.split("/")[1].split("-")))
        route = api.CfnRoute(
            self,
            f"{name}Route",
            api_id=self._api.ref,
            route_key=path,
            authorization_type="JWT" if guard else "NONE",
            authorizer_id=guard.ref if guard else None,
            target=f"integrations/{integration.ref}",
        )
        if not guard:
            acknowledge(route, {"AwsSolutions-APIG4": NO_HEADER})
        doors.permission(self, name, self._api, worker, f"{method}{where.replace('{incident}', '*')}", deployment)
