"""Wire shapes of this slice. The operation itself is `provisioning.schemas.OperationAnswer`."""

from __future__ import annotations

from skyclust.kit.pagination import Page
from skyclust.provisioning.schemas import OperationAnswer

OperationPage = Page[OperationAnswer]
