"""The suite under fire: many findings at once, function workers killed, the engine restarted, and then the accounts."""
