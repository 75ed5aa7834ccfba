"""plan: a decision becomes concrete, digested steps; nothing is changed here."""
