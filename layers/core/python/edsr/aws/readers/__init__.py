"""Readers, one module for each view of a kind of target: `observe` gives the state that plan pins and act compares.

A state holds what an action is about and nothing that moves by itself; what is not there is left out of it.
"""
