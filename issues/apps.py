"""Issues and their life."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IssuesConfig(AppConfig):
    """Issues, people, and what the public sees."""

    name = "issues"
    verbose_name = _("Laporan warga")
    default_auto_field = "django.db.models.BigAutoField"
