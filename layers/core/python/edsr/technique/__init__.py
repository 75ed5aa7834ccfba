"""Detection that looks at more than one event; pure over a store of notes, so that it runs anywhere."""
