"""The document of these routes: every text and list is bounded, and no answer has a place for a secret."""

from collections.abc import Iterator

from fastapi import FastAPI

from skyclust.audit.router import router as audit_router
from skyclust.credentials.router import router as credentials_router
from skyclust.identity.router import router as identity_router
from skyclust.workspaces.router import router as workspaces_router

#: The one answer whose purpose is to hand out tokens.
HANDS_OUT_TOKENS = {"TokensAnswer", "NewApiTokenAnswer", "NewInvitationAnswer", "FactorSetupAnswer"}
SECRET_WORDS = ("password", "secret", "token", "private", "sealed", "wrapped", "hash")
#: Where nobody is signed in yet.
DOORS = (
    "auth/login", "auth/refresh", "auth/register", "invitations:accept",
    "auth/oidc", "auth/oidc/login", "auth/oidc/callback", "auth/oidc/tokens",
)  # fmt: skip
PUBLIC = {"head_hash"}


def document():
    app = FastAPI()
    for router in (identity_router, workspaces_router, credentials_router, audit_router):
        app.include_router(router, prefix="/api/v1")
    return app.openapi()


def walk(node, path="") -> Iterator[tuple[str, dict]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from walk(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{path}/{index}")


def ours():
    schemas = document()["components"]["schemas"]
    return {name: schema for name, schema in schemas.items() if "Validation" not in name}


def test_every_text_and_every_list_is_bounded():
    unbounded = []
    for path, node in walk({"schemas": ours(), "paths": document()["paths"]}):
        if "422" in path:
            continue
        if node.get("type") == "string" and not {"maxLength", "enum", "const", "format"} & set(node):
            unbounded.append(path)
        if node.get("type") == "array" and "maxItems" not in node:
            unbounded.append(path)
    assert unbounded == []


def test_no_answer_has_a_place_for_a_secret():
    suspicious = [
        f"{name}.{field}"
        for name, schema in ours().items()
        if "Answer" in name and name not in HANDS_OUT_TOKENS
        for field in schema.get("properties", {})
        if any(word in field for word in SECRET_WORDS) and field not in PUBLIC
    ]
    assert suspicious == []


def test_secrets_go_in_as_write_only():
    schemas = ours()
    for name, field in (("CredentialBody", "data"), ("LoginBody", "password"), ("UserBody", "password")):
        assert schemas[name]["properties"][field]["writeOnly"] is True
    assert schemas["RefreshBody"]["properties"]["refresh_token"]["writeOnly"] is True


def test_bodies_refuse_unknown_fields():
    loose = [
        name for name, schema in ours().items()
        if name.endswith(("Body", "Patch")) and schema.get("additionalProperties") is not False
    ]  # fmt: skip
    assert loose == []


def test_private_routes_say_that_they_need_a_bearer():
    free = {f"/api/v1/{door}" for door in DOORS}
    for path, methods in document()["paths"].items():
        for operation in methods.values():
            assert ("security" in operation) is (path not in free), path
