"""record: what was audited is exported, announced and counted; nothing is announced that is not recorded."""
