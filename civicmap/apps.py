"""The roof as an app: it brings the checks of the whole house to Django."""

from importlib import import_module

from django.apps import AppConfig


class CivicMapConfig(AppConfig):
    """Settings, addresses, headers, health."""

    name = "civicmap"

    def ready(self) -> None:
        """Register the checks; Django looks for none by itself."""
        for module in ("civicmap.checks", "civicmap.deployment", "issues.checks"):
            import_module(module)
