"""Tenants: workspaces, their members, and what a member may do.

permissions.py  the closed list of permissions and the built-in roles
service/        workspaces, members, the first administrator
callers.py      who asks, what they may do, and which rows their session sees
"""
