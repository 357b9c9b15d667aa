"""The address book."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from civicmap import views

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.missing
handler500 = views.broken

urlpatterns = [
    path("", include("issues.urls")),
    path("akun/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("bahasa/", set_language, name="set_language"),
    path("healthz", views.healthz, name="healthz"),
    path("sw.js", views.service_worker, name="service-worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("antrean", views.queue, name="queue"),
    path("luring", views.offline_page, name="offline"),
]
