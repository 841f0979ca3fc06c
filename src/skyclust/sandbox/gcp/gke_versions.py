"""Kubernetes versions of GKE: what a location offers, and which version a request may ask for."""

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Call, Cloud
from skyclust.sandbox.gcp.errors import Json, bad_argument

NODE_MINORS_BEHIND = 2


def check_location(location: str) -> str:
    if not catalog.region_of(location):
        raise bad_argument(f'Location "{location}" does not exist.')
    return location


def server_config(_cloud: Cloud, call: Call) -> Json:
    check_location(call.path["location"])
    return {
        "defaultClusterVersion": catalog.DEFAULT_VERSION,
        "validNodeVersions": list(catalog.VERSIONS),
        "validMasterVersions": list(catalog.VERSIONS),
        "defaultImageType": catalog.IMAGE_TYPES[0],
        "validImageTypes": list(catalog.IMAGE_TYPES),
        "channels": [
            {"channel": name, "defaultVersion": default, "validVersions": list(offered)}
            for name, (default, offered) in catalog.CHANNELS.items()
        ],
    }


def version_for_new(given: Json) -> str:
    channel = given.get("releaseChannel", {}).get("channel", "REGULAR")
    wanted = given.get("initialClusterVersion", "")
    found = catalog.resolve_version(wanted, channel)
    if found is None:
        raise bad_argument(f'No valid versions with the prefix "{wanted}" found in channel {channel}.')
    return found


def numbers(version: str) -> tuple[int, ...]:
    """`1.34.1-gke.3971001` as numbers that compare."""
    return tuple(int(part) for part in version.replace("-gke", "").split("."))


def master_upgrade(current: str, wanted: str, channel: str) -> str:
    """The control plane's version after an upgrade: forward only, one minor version at a time."""
    found = catalog.resolve_version(wanted, channel)
    if found is None:
        raise bad_argument(f'Master version "{wanted}" is unsupported.')
    old, new = numbers(current), numbers(found)
    if new < old:
        raise bad_argument(f"Master cannot be downgraded to version {found}; current version is {current}.")
    if new[1] > old[1] + 1:
        raise bad_argument(
            f"Master cannot be upgraded to {found}: cannot upgrade the master more than a minor version at a time."
        )
    return found


def node_version(wanted: str, master: str) -> str:
    """A node pool's version: not above the control plane, at most two minor versions behind."""
    found = master if wanted in ("", "-") else catalog.resolve_version(wanted, "")
    if found is None:
        raise bad_argument(f'Node version "{wanted}" is unsupported.')
    if numbers(found) > numbers(master):
        raise bad_argument(f'Node version "{found}" must not be greater than the master version "{master}".')
    if numbers(found)[1] < numbers(master)[1] - NODE_MINORS_BEHIND:
        raise bad_argument(
            f'Node version "{found}" is more than {NODE_MINORS_BEHIND} minor versions behind the master "{master}".'
        )
    return found


HANDLERS = {
    "container.projects.locations.getServerConfig": server_config,
    "container.projects.zones.getServerconfig": server_config,
}
