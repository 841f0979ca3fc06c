"""Write `data/models.json`: what the request bodies that the sandbox takes may hold, from Azure's own Python packages.

Run it by hand after an upgrade of azure-mgmt-*: `python -m skyclust.sandbox.azure.model_extracting`. The packages take
seconds to import, the file takes milliseconds. Form of the file: models by "package.Name", each field as
{"type": ..., "read_only": true?}; a type is a word (string, integer, number, boolean, any), "model:package.Name",
"enum:package.Name", ["list", type] or ["map", type].
"""

import enum
import importlib
import importlib.metadata
import json
import types
import typing
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "models.json"
PACKAGES = {
    "containerservice": ("azure.mgmt.containerservice.models", "azure-mgmt-containerservice"),
    "network": ("azure.mgmt.network.models", "azure-mgmt-network"),
    "resources": ("azure.mgmt.resource.resources.models", "azure-mgmt-resource"),
}
ROOTS = {
    "containerservice": (
        "ManagedCluster",
        "AgentPool",
        "MaintenanceConfiguration",
        "TagsObject",
        "AgentPoolDeleteMachinesParameter",
    ),
    "network": (
        "VirtualNetwork",
        "Subnet",
        "NetworkSecurityGroup",
        "SecurityRule",
        "NatGateway",
        "PublicIPAddress",
        "RouteTable",
        "Route",
        "LoadBalancer",
        "NetworkInterface",
        "VirtualNetworkPeering",
        "TagsObject",
    ),
    "resources": ("ResourceGroup", "ResourceGroupPatchable", "TagsResource", "TagsPatchResource"),
}
WORDS: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
Json = dict[str, Any]


class Extractor:
    def __init__(self) -> None:
        self.models: Json = {}
        self.enums: Json = {}

    def add(self, package: str, model: type) -> str:
        name = f"{package}.{model.__name__}"
        if name not in self.models:
            self.models[name] = {}  # before its fields: models refer to each other in circles
            object_of(model)  # the packages work their names out when the first one is made
            for field, rest in _rest_fields(model).items():
                hint = typing.get_type_hints(_owner(model, field), _namespace(package))[field]
                shown: Json = {"type": self.type_of(package, hint)}
                if rest._visibility == ["read"]:  # noqa: SLF001 - where the packages keep it
                    shown["read_only"] = True
                self.models[name][rest._rest_name] = shown  # noqa: SLF001 - likewise
        return name

    def type_of(self, package: str, hint: Any) -> Any:
        origin, inside = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            given = [one for one in inside if one is not type(None)]
            # Union[str, Enum] is how these packages write an enumeration that may grow
            enums = [one for one in given if isinstance(one, type) and issubclass(one, enum.Enum)]
            return self.type_of(package, enums[0] if enums else given[0])
        if origin is list:
            return ["list", self.type_of(package, inside[0])]
        if origin is dict:
            return ["map", self.type_of(package, inside[1])]
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            self.enums[f"{package}.{hint.__name__}"] = sorted(str(member.value) for member in hint)
            return f"enum:{package}.{hint.__name__}"
        if isinstance(hint, type) and hasattr(hint, "_is_model"):
            return "model:" + self.add(package, hint)
        return WORDS.get(hint, "string" if getattr(hint, "__module__", "") == "datetime" else "any")


def object_of(model: Any) -> Any:
    return model.__new__(model)


def _rest_fields(model: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(model.__mro__):
        found |= {name: value for name, value in vars(base).items() if type(value).__name__ == "_RestField"}
    return found


def _owner(model: type, field: str) -> type:
    return next(base for base in model.__mro__ if field in vars(base))


def _namespace(package: str) -> Json:
    module = importlib.import_module(f"{PACKAGES[package][0]}._models")
    return {**vars(module), "_models": importlib.import_module(PACKAGES[package][0])}


def extract() -> Json:
    found = Extractor()
    for package, names in ROOTS.items():
        module = importlib.import_module(f"{PACKAGES[package][0]}._models")
        for name in names:
            found.add(package, getattr(module, name))
    versions = {name: importlib.metadata.version(name) for _, name in PACKAGES.values()}
    return {"from": versions, "models": found.models, "enums": found.enums}


if __name__ == "__main__":
    FILE.write_text(json.dumps(extract(), indent=None, separators=(",", ":"), sort_keys=True) + "\n")
