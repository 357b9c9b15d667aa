"""What a phone keeps for days without a network: the worker's version, the pages it may copy."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse

SHELL: Final = ("report", "queue", "offline", "map")
"""Pages that work without a network from the first visit on, in every language."""

COPIED: Final = (
    r"/",
    r"/laporan",
    r"/laporan/[^/]+",
    r"/titik-panas",
    r"/privasi",
    r"/a/[^/]+/riwayat",
)
"""Public pages whose last view is kept: fetched once more without cookies, so nothing in a copy is
anybody's own."""

DRAWN: Final = ("/tiles/", "/peta/wilayah", "/peta/jalan", "/peta/dasar/", "/peta/waktu", "/foto/")
"""What maps are drawn from; kept as long as the answer calls itself public."""

_TEMPLATES: Final = Path(settings.BASE_DIR) / "templates"


def worker() -> dict[str, Any]:
    """Collect what the service worker has to know."""
    return {
        "version": version(),
        "languages": [code for code, _name in settings.LANGUAGES],
        "shell": [reverse(name) for name in SHELL],
        "offline": reverse("offline"),
        "instead": {reverse("mine"): reverse("queue")},
        "copied": [f"^{pattern}$" for pattern in COPIED],
        "drawn": list(DRAWN),
        "static": settings.STATIC_URL,
        "language_switch": reverse("set_language"),
    }


@cache
def version() -> str:
    """Name this release as a browser sees it: another style sheet or template, another version."""
    digest = hashlib.sha256()
    digest.update(str(getattr(staticfiles_storage, "manifest_hash", "")).encode())
    for folder in (_TEMPLATES, *map(Path, settings.STATICFILES_DIRS)):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def manifest(name: str) -> dict[str, Any]:
    """Describe the site as an app to install.

    Args:
        name: of the city.

    Source: W3C Web Application Manifest.
    """
    picture = staticfiles_storage.url
    icons = [
        {
            "src": picture(f"img/icon-{size}{suffix}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for suffix, purpose in (("", "any"), ("-maskable", "maskable"))
    ]
    return {
        "id": "/",
        "name": f"CivicMap {name}",
        "short_name": "CivicMap",
        "start_url": reverse("map"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f4f1",
        "theme_color": "#6b1f4d",
        "icons": icons,
    }
