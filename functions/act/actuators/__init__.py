"""The actions, one module each: what it needs, how it sees its target, how it acts and how it undoes."""
