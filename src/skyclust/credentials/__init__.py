"""Cloud accounts: sealed secrets, verification, and the open sessions that work with them.

keyring.py    keys by id, from a file or the environment
sealing.py    the AES-256-GCM envelope
checking.py   credential data against the provider's schema; errors without secrets
repeating.py  POST with an Idempotency-Key
service.py    enter, replace, verify, delete
clouds.py     credential -> open provider session, checked again at execution
"""
