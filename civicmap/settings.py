"""Settings; every value of a deployment is read from the environment here and nowhere else.

`make run` sets what a demo needs. In production set at least SECRET_KEY, ALLOWED_HOSTS and
DATABASE_URL.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from environs import Env, validate
from whitenoise.compress import Compressor

from civicmap import languages

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", validate=validate.Length(min=1))
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
TRACKING_KEYS = env.dict("TRACKING_KEYS", default={"1": SECRET_KEY})
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SECURE = env.bool("SECURE", default=False)
"""Whether the site is served by TLS; false only on a machine of one's own."""
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
DEFAULT_CITY = env.str("CITY", default="denpasar")
PRIVACY_KEY = env.str("PRIVACY_KEY", default=SECRET_KEY)
"""Draws the public point of private places; a new key moves them all."""
DEMO = env.bool("DEMO", default=False)
SERVICE_WORKER = env.bool("SERVICE_WORKER", default=True)
"""`off` sends every browser a worker that takes itself and its caches away; what waits stays."""
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
"""Whether our own proxy stands before the app: then its word on addresses and TLS is taken."""
EFFORT = env.int("EFFORT", default=30_000, validate=validate.Range(min=1))
"""What a report without an account costs its sender: hashes at most, a second on a cheap phone."""
EFFORT_PER_DEVICE = env.int("EFFORT_PER_DEVICE", default=5, validate=validate.Range(min=1))
EFFORT_PER_LINE = env.int("EFFORT_PER_LINE", default=100, validate=validate.Range(min=1))
EFFORT_PER_ACCOUNT = env.int("EFFORT_PER_ACCOUNT", default=30, validate=validate.Range(min=1))
"""Reports an hour from a device, from an address' new devices, by an account; more are held."""

GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
GOOGLE_CLIENT_SECRET = env.str("GOOGLE_CLIENT_SECRET", default="")
GOOGLE_LOGIN = bool(GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET)
"""Whether citizens may log in with Google, too; without both values nothing of it is there."""

STAFF_MFA = env.bool("STAFF_MFA", default=False)
"""Whether staff must have a second factor: an app's code or a passkey. Anybody of them may."""

INSTALLED_APPS = [
    "civicmap",
    "issues",
    "geodata",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    *(["allauth.socialaccount", "allauth.socialaccount.providers.google"] if GOOGLE_LOGIN else []),
    "axes",
    "csp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "leaflet",
    "procrastinate.contrib.django",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "civicmap.middleware.CachePolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "civicmap.middleware.CurrentCity",
    "civicmap.middleware.Policy",
    "civicmap.middleware.DomainErrors",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "civicmap.urls"
WSGI_APPLICATION = "civicmap.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "civicmap.context.site",
            ],
        },
    },
]

DATABASES: dict[str, Any] = {
    "default": {
        **env.dj_db_url("DATABASE_URL"),
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": env.str("TEST_DATABASE", default=None)},
    }
}
_TIMEOUTS = "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s"
# Our statements take milliseconds; compiling a plan that looks dear takes half a second.
_NEVER_COMPILED = "-c jit=off"
DATABASES["default"]["OPTIONS"] = {
    "options": f"{env.str('DATABASE_OPTIONS', default=_TIMEOUTS)} {_NEVER_COMPILED}"
}

MAILBOX = env.str("MAILBOX", default="")
"""`imaps://user:password@host/INBOX`: letters to the city become reports at the channel desk."""

AUTH_USER_MODEL = "issues.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/kerja/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_ADAPTER = "issues.accounts.Accounts"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_ADAPTER = "issues.factors.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "CivicMap"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
SOCIALACCOUNT_ADAPTER = "issues.views.google.Google"
SOCIALACCOUNT_PROVIDERS = {
    "google": {
        "APPS": [{"client_id": GOOGLE_CLIENT_ID, "secret": GOOGLE_CLIENT_SECRET, "key": ""}],
        "SCOPE": ["openid", "email"],
        "AUTH_PARAMS": {"access_type": "online", "prompt": "select_account"},
        "OAUTH_PKCE_ENABLED": True,
    }
}
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "issues.accounts.login_name"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "civicmap.views.csrf_failure"

SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BASEMAP = env.str("BASEMAP", default="boundaries")
"""`boundaries` (own areas and streets), or `xyz:URL` of a server, with BASEMAP_ATTRIBUTION."""
BASEMAP_ATTRIBUTION = env.str("BASEMAP_ATTRIBUTION", default="")
_TILES = urlsplit(BASEMAP.removeprefix("xyz:")) if BASEMAP.startswith("xyz:") else None
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [
            SELF,
            "data:",
            "blob:",
            *([f"{_TILES.scheme}://{_TILES.netloc}"] if _TILES else []),
        ],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF, *(["https://accounts.google.com"] if GOOGLE_LOGIN else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "geolocation": ["self"],
    "camera": ["self"],
    "microphone": [],
    "payment": [],
    "usb": [],
    "publickey-credentials-get": ["self"],
    "publickey-credentials-create": ["self"],
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 120
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_PERMISSIONS = 0o640
MEDIA_ROOT = env.path("MEDIA_ROOT", default=VAR / "media")
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=VAR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "civicmap.storage.DurableStorage"},
    "staticfiles": {"BACKEND": "civicmap.storage.HashedStatic"},
}
WHITENOISE_MAX_AGE = 60
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
"""Nobody loads the source maps of the API's documentation."""

LANGUAGE_CODE = languages.SOURCE
LOCALE_PATHS = [BASE_DIR / "templates" / "locale"]
LANGUAGES = languages.offered(LOCALE_PATHS[0])
languages.introduce(LANGUAGES)
# Where Django knows no formats of a language, dates and numbers are written as in Indonesian.
DATE_FORMAT, TIME_FORMAT, DATETIME_FORMAT = "j N Y", "G.i", "j N Y, G.i"
DECIMAL_SEPARATOR, THOUSAND_SEPARATOR, NUMBER_GROUPING = ",", ".", 3
FIRST_DAY_OF_WEEK = 1
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Makassar")
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = env.str("EMAIL_FILE_PATH", default=str(VAR / "mail"))
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="CivicMap <laporan@localhost>")

VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="")
"""Key of web push (P-256, 32 bytes as base64url); `make run` makes one. Empty: no push."""
VAPID_CONTACT = env.str("VAPID_CONTACT", default="mailto:laporan@localhost")
PUSH_HOSTS: list[str] = env.list(
    "PUSH_HOSTS",
    default=[
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "*.push.apple.com",
        "*.notify.windows.com",
    ],
)
"""The push services that a browser may name; nothing else is ever called."""
MESSAGING = env.str("MESSAGING", default="console", validate=validate.OneOf(["console", "gateway"]))
"""How messages reach a phone: `gateway` posts JSON to MESSAGE_GATEWAY, an https address."""
MESSAGE_GATEWAY = env.str("MESSAGE_GATEWAY", default="")
MESSAGE_GATEWAY_TOKEN = env.str("MESSAGE_GATEWAY_TOKEN", default="")
OUTGOING_PROXY = env.str("OUTGOING_PROXY", default="")
"""`host:port` of the operator's own proxy for push and messages; empty: none."""

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["issues.parsers.BoundedJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "civicmap.errors.api_exception",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CivicMap",
    "DESCRIPTION": "Laporan warga: dari pin ke laporan yang tertangani.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

SILENCED_SYSTEM_CHECKS = ["gis.W001"]
"""Debian 12 has GDAL 3.6; only checked numbers and operators' files ever reach it."""

LEAFLET_CONFIG = {
    "TILES": [],
    "NO_GLOBALS": False,
    "ATTRIBUTION_PREFIX": "",
    "RESET_VIEW": False,
    "SCALE": "metric",
}


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Every process that knows the jobs would say so at its start.
    "loggers": {
        "procrastinate.blueprints": {"level": "WARNING"},
        "procrastinate.periodic": {"level": "WARNING"},
    },
}
