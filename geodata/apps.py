"""Places, without issues."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GeodataConfig(AppConfig):
    """Areas, roads, assets, departments and who is responsible where."""

    name = "geodata"
    verbose_name = _("Geodata")
    default_auto_field = "django.db.models.BigAutoField"
