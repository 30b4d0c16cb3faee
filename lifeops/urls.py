"""The address book. Every view declares who may come (tests/architecture)."""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from lifeops import health
from lifeops.administration.registry import site
from lifeops.cases.access import access, public
from lifeops.cases.views import home
from lifeops.org.models import Role
from lifeops.org.signing import NewPasswordForm, SignInForm, SignOut

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", login_not_required(public(auth.LoginView.as_view(redirect_authenticated_user=True, authentication_form=SignInForm))), name="login"),
    path("logout/", public(SignOut.as_view()), name="logout"),
    path(
        "password/",
        access(*Role)(auth.PasswordChangeView.as_view(form_class=NewPasswordForm, template_name="registration/password.html", success_url="/")),
        name="password",
    ),
    path("health/live/", health.live, name="health_live"),
    path("health/ready/", health.ready, name="health_ready"),
    path("", include("lifeops.cases.urls")),
    path("intake/", include("intake.urls")),
    path("notices/", include("lifeops.notices.urls")),
    path("documents/", include("lifeops.documents.urls")),
    path("admin/", site.urls),
    path("org/", include("lifeops.administration.urls")),
    path("board/", include("lifeops.insight.urls")),
    path("api/v1/", include("lifeops.api.urls")),
    path("archive/", include("archive.urls")),
    path("", include("lifeops.cases.policy_urls")),
    path("ui/", include("lifeops.ui.urls")),
]
handler400 = "lifeops.ui.errors.bad_request"
handler403 = "lifeops.ui.errors.forbidden"
handler404 = "lifeops.ui.errors.not_found"
handler500 = "lifeops.ui.errors.broken"
