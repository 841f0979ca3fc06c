"""Wire shapes of add-ons. The same on every cloud; what may be configured is the cloud's own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field, StringConstraints

from skyclust.kit.schemas import Answer, Body, LongText, ShortText

MAX_ADDONS = 50
_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"

AddonName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_NAME)]
AddonRef = Annotated[str, Path(max_length=100, pattern=_NAME, description="the add-on's name")]
AddonVersionName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Configuration = Annotated[
    dict[str, Any], Field(max_length=100, description="the add-on's own settings; nothing secret: they are shown")
]
Identity = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class AddonBody(Body):
    """An add-on that a new cluster is to have; `enabled: false` for one it would have by default.

    `version`: left out, the cloud chooses. `identity`: what its pods are in the cloud, the ARN of a role on AWS.
    """

    name: AddonName
    version: AddonVersionName | None = None
    configuration: Annotated[Configuration, Field(default_factory=dict)]
    identity: Identity | None = None
    enabled: bool = True


class NewAddonBody(Body):
    """POST .../addons."""

    name: AddonName
    version: AddonVersionName | None = None
    configuration: Annotated[Configuration, Field(default_factory=dict)]
    identity: Identity | None = None
    plan_digest: Annotated[str, StringConstraints(max_length=64)] | None = None


class AddonPatchBody(Body):
    """PATCH .../addons/{addon}: only what is given changes. `configuration` is taken whole; null is "as the cloud
    chooses" for a version, and "as its nodes" for an identity.
    """

    version: AddonVersionName | None = None
    configuration: Configuration | None = None
    identity: Identity | None = None
    plan_digest: Annotated[str, StringConstraints(max_length=64)] | None = None


class AddonAnswer(Answer):
    """An add-on of a cluster, as it was last observed. What null means: the cloud does not tell, or has no versions.

    version           what runs; `wanted_version` what was asked for, null = the cloud's choice
    newer_version     newest that is offered for the cluster's version, null when that runs
    compatible        made for the cluster's version, and `compatible_next` for the next minor version, `next_version`
    version_for_next  newest that is offered for that one
    managed           asked for here; else the cloud's own doing
    """

    name: ShortText
    title: ShortText
    state: ShortText
    version: Annotated[str | None, Field(max_length=256)]
    wanted_version: Annotated[str | None, Field(max_length=256)]
    newer_version: Annotated[str | None, Field(max_length=256)]
    compatible: bool | None
    next_version: Annotated[str | None, Field(max_length=256)]
    compatible_next: bool | None
    version_for_next: Annotated[str | None, Field(max_length=256)]
    configuration: dict[str, Any]
    identity: Annotated[str | None, Field(max_length=2048)]
    managed: bool
    external_id: Annotated[str | None, Field(max_length=1024)] = None
    message: LongText = ""


class AddonVersionAnswer(Answer):
    """A version that is offered; `default`: taken when none is named."""

    name: ShortText
    default: bool


class AddonOfferAnswer(Answer):
    """An add-on that a cluster may have. `versions`, newest first, are told where the cloud is asked.

    `essential` says what no longer works without it, `identity` whether its pods may be given one ("needed",
    "optional", ""), `by_default` that every new cluster has it, `present` that the cloud shows it on this
    one now, whoever installed it (null: not looked at).
    """

    name: ShortText
    title: ShortText
    versioned: bool
    versions: Annotated[list[AddonVersionAnswer], Field(max_length=1_000)]
    configuration: dict[str, Any]
    essential: ShortText
    by_default: bool
    identity: ShortText
    present: bool | None


class AddonOffersAnswer(Answer):
    """By name."""

    items: Annotated[list[AddonOfferAnswer], Field(max_length=1_000)]
