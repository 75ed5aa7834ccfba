"""Actions that are planned: playbooks may name them, and policies that need them only observe until they are built."""

from edsr.declare import Nothing, PlannedAction

PLANNED = (
    PlannedAction(
        id="roll-workload-back",
        title="Undo the last rollout of a workload in a cluster",
        resource="eks:workload",
        arguments=Nothing,
        klass="B",
        reversible=True,
        restores=True,
        customer_visible=True,
        why_not_yet="it needs the cluster's own API: an access entry, and a way into its network",
    ),
)
