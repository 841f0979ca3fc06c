"""Simulated clouds over real HTTP for the demo, the tests and newcomers without accounts.

Invariant: nothing here imports the server packages or a provider; clients reach it with real SDKs only.
"""
