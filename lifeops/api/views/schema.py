"""The description of the interface, for people of the house."""

from __future__ import annotations

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from lifeops.api.permissions import Holds
from lifeops.org.models import Role


class SchemaView(SpectacularAPIView):
    access_roles = tuple(Role)
    permission_classes = [Holds]


class DocsView(SpectacularSwaggerSplitView):
    """Swagger from our own files; its script comes by itself, so the content security policy holds."""

    access_roles = tuple(Role)
    permission_classes = [Holds]
    url_name = "api:schema"
