"""What every deployment replaces, in the order of the story: detect, decide, remediate, record, page."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import CustomResource, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from edsr.policy import Library
from edsr.protocol.keys import SWITCHES
from infra.catalogue import Discovered, discover
from infra.config import Configuration
from infra.parts import limits
from infra.parts.anchoring import Anchoring, Comparing
from infra.parts.buses import DEFAULT
from infra.parts.dashboards import Dashboards
from infra.parts.decision import Decision
from infra.parts.detection import Detection, watch_learning
from infra.parts.digests import Digests
from infra.parts.forwarding import Forwarding
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.heartbeat import Heartbeat
from infra.parts.missing import Missing
from infra.parts.names import BUS
from infra.parts.notifying import Notifying
from infra.parts.objectives import burn_rates
from infra.parts.pages import Pages
from infra.parts.people import Route
from infra.parts.places import Places
from infra.parts.queues import Findings, quarantine
from infra.parts.recording import Bus, Recording
from infra.parts.redriving import redriver
from infra.parts.rehearsing import Rehearsing
from infra.parts.remediation import Remediation
from infra.parts.roles import Roles
from infra.parts.rules import Rule, rules_of
from infra.parts.sweeping import Sweeping
from infra.parts.telemetry import Telemetry
from infra.policies import compile_layer, deployed
from infra.stacks import setting


class Compute(Stack):
    """Rules, functions, queues, the state machine and the bus, derived from functions/ and policies/."""

    def __init__(self, scope: Construct, identity: str, config: Configuration, source: Path, **stack: Any) -> None:
        super().__init__(scope, identity, description="EDSR: detect, decide, remediate, record, page", **stack)
        found = discover()
        policies = deployed(source, config)
        rules = rules_of(policies)
        _check(rules)
        places = Places(self)
        pages = Pages(self, places, config.page_emails)
        findings = Findings(self, pages, reader_timeout=found.stage("decide").declared.timeout)
        unreadable = quarantine(self, pages)
        route = Route(self)
        page = places.page_url if config.sign_in else ""
        settings = {**setting.fixed(config, places), **_made(findings, unreadable, route), "page_url": page}
        deployment = setting.deployment(self, config, places, source, compile_layer(source, config), settings)
        bus = Bus(self, deployment, pages)
        Forwarding(self, deployment, found.stage("forward"), config.feeds, pages).node.add_dependency(bus.bus)
        detectors = self._detect(deployment, found, rules, pages, bus)
        remediation = Remediation(self, deployment, found, pages)
        decision = Decision(self, deployment, found.stage("decide"), findings.queue)
        decision.node.add_dependency(remediation.machine)
        sweeping = Sweeping(self, deployment, found.stage("sweep"), pages)
        sweeping.node.add_dependency(remediation.machine)
        findings.only_from([redriver(self, deployment), *detectors, sweeping.sweep.role])
        Missing(self, deployment, found.functions["sweep.missed"], found.polls.values(), pages)
        bus.pages_for_people(pages, page)
        Notifying(self, deployment, found.stage("notify"), pages, bus)
        Rehearsing(self, deployment, found.functions["control.rehearse"], pages).node.add_dependency(bus.bus)
        Recording(self, deployment, found.stage("record"), pages).node.add_dependency(bus.bus)
        Digests(self, deployment, found.functions["record.digest"], pages)
        objectives = Library.at(source, config.values).objectives()
        Dashboards(self, deployment, found.functions["record.shown"], objectives)
        Anchoring(self, deployment, found.stage("anchor"), pages)
        Comparing(self, deployment, found.functions["record.compare"], pages)
        route.open(deployment, found, pages)
        Roles(self, places, route.api.ref, config.trail)
        burn_rates(self, objectives, pages)
        if config.otlp:
            Telemetry(self, deployment, config.otlp)
        self._kill_switch(SuiteFunction(self, deployment, found.stage("control")))

    def _detect(
        self, deployment: Deployment, found: Discovered, rules: Sequence[Rule], pages: Pages, bus: Bus
    ) -> Iterator[iam.IRole]:
        """The heartbeat's and each source's detector; the roles of those that send findings."""
        yield Heartbeat(self, deployment, found.functions["detect.heartbeat"], pages).detector.role
        for name, entry in found.detector_of.items():
            owned = [rule for rule in rules if rule.source == name]
            yield Detection(self, deployment, name, entry, owned, pages, bus.bus).detector.role
        watch_learning(pages)

    def _kill_switch(self, control: SuiteFunction) -> None:
        """The switch's items exist, disengaged, before the first remediation; a later deployment leaves them alone."""
        CustomResource(
            self,
            "KillSwitch",
            resource_type="Custom::KillSwitch",
            service_token=control.function.function_arn,
            properties={"Items": SWITCHES},
        )


def _made(findings: Findings, unreadable: sqs.IQueue, route: Route) -> dict[str, str]:
    """Settings that are known once queues and route are made."""
    return {
        "findings_queue": findings.queue.queue_url,
        "quarantine_queue": unreadable.queue_url,
        "route": route.api.ref,
    }


def _check(rules: Sequence[Rule]) -> None:
    """What EventBridge would refuse, bus by bus."""
    for name in (DEFAULT, BUS):
        limits.check({rule.name: rule.pattern for rule in rules if rule.bus == name})
