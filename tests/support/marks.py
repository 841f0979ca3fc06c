"""A simulated cloud whose resources can be marked and unmarked, each by one call that faults may strike."""

from dataclasses import dataclass

from skyclust.contract.errors import NameTaken
from skyclust.contract.resources import TAG_NAME, TAG_RESOURCE, TAG_STACK
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.sessions import ours


@dataclass
class MarkingSim(Sim):
    async def existing(self, session):
        return ()

    async def import_cluster(self, session, external_id):
        raise NotImplementedError

    async def import_network(self, session, external_id):
        raise NotImplementedError

    async def mark(self, session, kind, external_id, spec, mark):
        def put():
            tags = self.world.books[external_id].tags
            if TAG_RESOURCE in tags and not mark.owns_tags(tags):
                raise NameTaken(f"{external_id} belongs to stack {tags[TAG_STACK]}. Release it there first.")
            tags.update(mark.tags())

        await ours(session).call(f"mark.{kind.removeprefix('sim.')}", put)

    async def unmark(self, session, kind, external_id, spec, mark):
        def take():
            tags = self.world.books[external_id].tags
            if mark.owns_tags(tags):
                for name in (TAG_RESOURCE, TAG_STACK, TAG_NAME):
                    tags.pop(name, None)

        await ours(session).call(f"unmark.{kind.removeprefix('sim.')}", take)
