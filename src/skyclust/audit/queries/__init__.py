"""Statements of the audit log.

entries.py   append and read: all that the servers' role may do with entries
sinks.py     which heads were exported
dropping.py  retention, for the schema's owner
"""
