"""Every address: the operators' admin, the probes, people's accounts, and both apps."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as accounts
from django.urls import include, path

from reviewhub import api_docs, demo_report, guide, probes

handler400 = "reviewhub.common.problems.bad_request"
handler403 = "reviewhub.common.problems.permission_denied"
handler404 = "reviewhub.common.problems.page_not_found"
handler500 = "reviewhub.common.problems.server_error"

admin.site.site_header = admin.site.site_title = "ReviewHub for operators"

urlpatterns = [
    path("livez", probes.livez, name="livez"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("login", accounts.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout", accounts.LogoutView.as_view(), name="logout"),
    path("password", accounts.PasswordChangeView.as_view(), name="password_change"),
    path("password/done", accounts.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("guide", guide.guide, name="guide"),
    path("pictures/reviewer/<slug:language>/<slug:name>.webp", guide.picture, name="guide_picture"),
    path("demo/report", demo_report.demo_report, name="demo_report"),
    path("api/v1/openapi.json", api_docs.schema, name="api_schema"),
    path("api/v1/docs", api_docs.docs, name="api_docs"),
    path("", include("annotations.urls")),
    path("", include("training.urls")),
]
