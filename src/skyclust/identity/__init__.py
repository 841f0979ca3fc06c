"""Who somebody is: users, passwords, sessions, tokens. Knows no workspace and no permission.

passwords.py  what a password must be, hashing off the event loop
tokens.py     access tokens (JWT) and refresh tokens
throttling.py how many wrong passwords are too many
service/      sign in, refresh, sign out, users
callers.py    the dependency that says who asks
"""
