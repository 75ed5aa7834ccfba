"""Rehearsals: each week people are asked for an answer that acts on nothing, and a day later it is looked for."""

import json

from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.catalogue import Entry
from infra.parts import schedule
from infra.parts.function import Deployment, SuiteFunction
from infra.parts.pages import Pages
from infra.parts.queues import dead_letters

NAME = "edsr-rehearsal"
SCHEDULES = {"ask": "cron(15 10 ? * TUE *)", "look": "cron(30 10 ? * WED *)"}
"""In UTC: after the test of the channels, on a day on which people work; a day and a quarter of an hour later."""


class Rehearsing(Construct):
    """Two schedules and their function, which has failed when its event lies in a queue, and then pages."""

    def __init__(self, scope: Construct, deployment: Deployment, entry: Entry, pages: Pages) -> None:
        super().__init__(scope, "Rehearsing")
        dead = dead_letters(self, f"{NAME}-dlq", pages, "rehearsals that could not be asked for or looked after")
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead.queue_arn])
        worker = SuiteFunction(self, deployment, entry, wiring=[send])
        worker.fails_into(dead)
        arn, about = worker.function.function_arn, "What the schedules of the rehearsals may do: call their function"
        role = schedule.role(self, deployment, about=about, may="lambda:InvokeFunction", on=arn)
        for does, when in SCHEDULES.items():
            schedule.schedule(
                self,
                does.title(),
                name=f"{NAME}-{does}",
                about={"ask": "Asks people for an answer that acts on nothing", "look": "Looks for it"}[does],
                when=when,
                target=scheduler.CfnSchedule.TargetProperty(
                    arn=arn,
                    role_arn=role.role_arn,
                    input=json.dumps({"v": 1, "do": does}),
                    retry_policy=schedule.again(3600, 3),
                ),
            )
