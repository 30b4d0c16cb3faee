"""The description of the interface, for people of the house."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from lifeops.api.permissions import Holds
from lifeops.org.models import Role


class Once(SchemaGenerator):
    """The description is the same for everybody: it is worked out once per process."""

    made: ClassVar[dict[str, Any]] = {}

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        if not self.made:
            self.made.update(super().get_schema(request, public))
        return self.made


class SchemaView(SpectacularAPIView):
    generator_class = Once
    access_roles = tuple(Role)
    permission_classes = [Holds]


class DocsView(SpectacularSwaggerSplitView):
    """Swagger from our own files; its script comes by itself, so the content security policy holds."""

    access_roles = tuple(Role)
    permission_classes = [Holds]
    url_name = "api:schema"
