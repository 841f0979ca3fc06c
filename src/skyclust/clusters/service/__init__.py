"""What may be done with clusters. The slice's only door besides schemas and errors."""

from skyclust.clusters.service.creating import create_cluster
from skyclust.clusters.service.deleting import delete_cluster
from skyclust.clusters.service.reading import answer_of, answer_page, find_cluster, get_cluster, present_plan, standings

__all__ = [
    "answer_of",
    "answer_page",
    "create_cluster",
    "delete_cluster",
    "find_cluster",
    "get_cluster",
    "present_plan",
    "standings",
]
