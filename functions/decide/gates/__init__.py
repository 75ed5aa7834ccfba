"""The gates, one module each: a pure function of finding, policy and facts that gives one row."""
