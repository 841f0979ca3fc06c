"""/{provider}/network/security-groups and their rules. `firewall-rules` is another name for the same routes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, page_among
from skyclust.networks import parts, service
from skyclust.networks.router.places import PartRef, ProviderName, WhichDep
from skyclust.networks.schemas import (
    NewRuleBody,
    RuleBody,
    RulesAnswer,
    SecurityGroupAnswer,
    SecurityGroupBody,
    SecurityGroupPart,
    SecurityGroupPatchBody,
)
from skyclust.networks.service import Change, Errand, ErrandDep, Part, ReadingDep
from skyclust.networks.states import GROUP_PREFIX
from skyclust.provisioning.accepting import ACCEPTED, accepted
from skyclust.workspaces.permissions import Permission

WORDS = ("security-groups", "firewall-rules")

router = APIRouter(tags=["networks"])

RuleRef = Annotated[UUID, Path(description="the rule's id, as the group shows it")]


@Answers(409)
async def list_security_groups(
    errand: ReadingDep,
    which: WhichDep,
    *,
    vpc_id: Annotated[str | None, Query(max_length=500)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[SecurityGroupAnswer]:
    """Security groups of our networks by id, those made with clusters included."""
    errand.provider(which.provider or "")
    found = await service.list_parts(errand, which, vpc_id, GROUP_PREFIX)
    return page_among(
        [service.group_answer(part) for part in found], lambda group: f"{group.network_id}/{group.name}", limit, cursor
    )


@Answers(412)
async def create_security_group(errand: ErrandDep, provider: ProviderName, body: SecurityGroupBody) -> Response:
    """Add a security group to a network of ours."""
    standing = await service.get_network(errand, errand.provider(provider).name, body.vpc_id)
    service.check_credential(standing, body.credential_id)
    part = SecurityGroupPart.model_validate(body.model_dump(include=set(SecurityGroupPart.model_fields)))
    change = Change(
        "security_group.create", "network.security_group_create_requested", {"security_group": body.name},
        lambda spec: parts.with_group(spec, part), lambda spec: parts.of_last_part("security_groups", spec),
    )  # fmt: skip
    return accepted(await service.change_network(errand.citing(body.plan_digest), standing, change))


async def get_security_group(errand: ReadingDep, provider: ProviderName, group: PartRef) -> SecurityGroupAnswer:
    """One security group by our id or the cloud's."""
    return service.group_answer(await service.find_part(errand, errand.provider(provider).name, group, GROUP_PREFIX))


@Answers(412)
async def update_security_group(
    errand: ErrandDep, provider: ProviderName, group: PartRef, body: SecurityGroupPatchBody
) -> Response:
    """Another description, or other rules: those given are all it has then."""
    part = await _editable(errand, provider, group)
    change = _changed("update", part, lambda spec: parts.with_group_changed(spec, part.name, body))
    return accepted(await service.change_network(errand.citing(body.plan_digest), part.standing, change))


@Answers(412)
async def delete_security_group(errand: ErrandDep, provider: ProviderName, group: PartRef) -> Response:
    """Take it out of its network."""
    part = await _editable(errand, provider, group)
    change = _changed("delete", part, lambda spec: parts.without_group(spec, part.name))
    return accepted(await service.change_network(errand, part.standing, change))


async def list_rules(errand: ReadingDep, provider: ProviderName, group: PartRef) -> RulesAnswer:
    """The group's rules."""
    part = await service.find_part(errand, errand.provider(provider).name, group, GROUP_PREFIX)
    return RulesAnswer(items=service.group_answer(part).rules)


@Answers(412)
async def create_rule(errand: ErrandDep, provider: ProviderName, group: PartRef, body: NewRuleBody) -> Response:
    """Add a rule."""
    part = await _editable(errand, provider, group)
    rule = RuleBody.model_validate(body.model_dump(include=set(RuleBody.model_fields))).to_spec()
    change = _changed("rule_create", part, lambda spec: parts.with_rule(spec, part.name, rule))
    return accepted(await service.change_network(errand.citing(body.plan_digest), part.standing, change))


@Answers(412)
async def delete_rule(errand: ErrandDep, provider: ProviderName, group: PartRef, rule: RuleRef) -> Response:
    """Take a rule away."""
    part = await _editable(errand, provider, group)
    change = _changed("rule_delete", part, lambda spec: parts.without_rule(spec, part.name, rule))
    return accepted(await service.change_network(errand, part.standing, change))


async def _editable(errand: Errand, provider: str, group: str) -> Part:
    name = errand.provider(provider).name
    return await service.find_part(errand, name, group, GROUP_PREFIX, Permission.NETWORKS_UPDATE)


def _changed(verb: str, part: Part, change: service.SpecChange) -> Change:
    return Change(
        f"security_group.{verb}", f"network.security_group_{verb}_requested", {"security_group": part.name}, change,
        may_replace=True,
    )  # fmt: skip


def _register(word: str, *, documented: bool) -> None:
    groups = f"/{{provider}}/network/{word}"
    one = f"{groups}/{{group}}"
    for path, read in ((groups, list_security_groups), (one, get_security_group), (f"{one}/rules", list_rules)):
        router.add_api_route(path, read, methods=["GET"], include_in_schema=documented)
    for path, method, change in (
        (groups, "POST", create_security_group),
        (one, "PATCH", update_security_group),
        (one, "DELETE", delete_security_group),
        (f"{one}/rules", "POST", create_rule),
        (f"{one}/rules/{{rule}}", "DELETE", delete_rule),
    ):
        router.add_api_route(
            path, change, methods=[method], status_code=202, responses=ACCEPTED, include_in_schema=documented
        )


for _word in WORDS:
    _register(_word, documented=_word == WORDS[0])
