"""Cloud accounts: sealed secrets, verification, and the open sessions that work with them.

keyring.py          keys by id, in memory
keyring_files.py    their file, in the clear or locked by a cloud's key service
keyring_opening.py  what a process works with, also while its key service is away
sealing.py          the AES-256-GCM envelope
issuing.py          the installation as an OpenID Connect issuer that vouches for its workspaces
rsa_keys.py         its RSA keys: made once, sealed in the database
checking.py         credential data against the provider's schema; errors without secrets
repeating.py        POST with an Idempotency-Key
judging.py          what an answer about a credential means, and when to ask again
rechecking.py       the checks of the schedule, beside a worker's engine
service.py          enter, replace, verify, delete
clouds.py           credential -> open provider session, checked again at execution
"""
