"""What holds in every environment. Order: variables, Django, databases, files, safety, doors."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext

from reviewhub.logs import configure_logs
from reviewhub.settings.databases import database
from reviewhub.settings.env import env
from reviewhub.settings.files import storages
from reviewhub.settings.tasks import *

ROOT = Path(__file__).resolve().parents[2]

# Makes `ModelAdmin[Item]` and its kind work at run time too, where Django has no generics.
django_stubs_ext.monkeypatch()

# --- variables ------------------------------------------------------------------------------

REVIEWHUB_VAR_DIR = env.path("VAR_DIR", "Where this instance keeps its files.", str(ROOT / "var"))
REVIEWHUB_SITE_URL = env.origin(
    "SITE_URL", "The address people and programs use, without a path.", "http://127.0.0.1:8000"
)
REVIEWHUB_HTTPS = env.flag(
    "HTTPS",
    "Secure cookies, HSTS, redirect to https; by default as SITE_URL says.",
    urlsplit(REVIEWHUB_SITE_URL).scheme == "https",
)
REVIEWHUB_DRAW_KEY = env.secret(
    "DRAW_KEY", "Key of the hash behind folds and audit draws; never change it."
).encode()
REVIEWHUB_MAX_BODY_BYTES = env.size("MAX_BODY_BYTES", "Largest request body.", "64 MiB")
REVIEWHUB_MAX_JSON_DEPTH = env.number("MAX_JSON_DEPTH", "Deepest JSON that is parsed.", 32, least=4)
REVIEWHUB_MAX_BATCH = env.number("MAX_BATCH", "Most predictions in one call.", 1000, least=1)
REVIEWHUB_MAX_IMAGE_BYTES = env.size("MAX_IMAGE_BYTES", "Largest image file.", "20 MiB")
REVIEWHUB_MAX_IMAGE_PIXELS = env.number(
    "MAX_IMAGE_PIXELS", "Most pixels (width times height) that are decoded.", 50_000_000, least=1
)
REVIEWHUB_WEBHOOK_ALLOWED_HOSTS = env.words(
    "WEBHOOK_ALLOWED_HOSTS",
    "Hosts on private or loopback networks that webhooks may reach, `host` or `host:port`.",
)
REVIEWHUB_FETCH_ALLOWED_HOSTS = env.words(
    "FETCH_ALLOWED_HOSTS",
    "Hosts that images are fetched from when a client names an address; none by default. `host` "
    "is on the open internet; `host:port` or `http://host:port` may be on a private network.",
)
REVIEWHUB_METRICS_TOKEN = env.secret(
    "METRICS_TOKEN",
    "Bearer token for /metrics; without one only this machine may read it.",
    shortest=16,
    required=False,
)
REVIEWHUB_DEMO_REPORT = env.text(
    "DEMO_REPORT", "Path of a demonstration's report.json; the site then shows it at /demo/report."
)
REVIEWHUB_DOCUMENTATION_URL = env.url(
    "DOCUMENTATION_URL", "Linked in the footer.", "", schemes=("http", "https")
)
REVIEWHUB_BEHIND_PROXY = env.flag(
    "BEHIND_PROXY",
    "Believe the proxy: X-Forwarded-Proto, which it must overwrite, and the last address in "
    "X-Forwarded-For, which it must add.",
    False,
)

# --- Django ---------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = env.secret("SECRET_KEY", "Signs sessions and tokens.")
SECRET_KEY_FALLBACKS = env.words(
    "SECRET_KEY_FALLBACKS",
    "Earlier secret keys, still accepted while they are rotated out.",
    secret=True,
)
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS",
    "Host names this site answers to; by default that of SITE_URL.",
    urlsplit(REVIEWHUB_SITE_URL).hostname or "",
)
CSRF_TRUSTED_ORIGINS = [REVIEWHUB_SITE_URL]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_structlog",
    "rest_framework",
    "axes",
    "reviewhub.common.apps.CommonConfig",
    "annotations.apps.AnnotationsConfig",
    "training.apps.TrainingConfig",
]
# The first five answer before anything is parsed; the request id must be there for all of them.
MIDDLEWARE = [
    # A page brings forty scripts and styles: they pass by all that only pages need.
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "reviewhub.common.middleware.RequestId",
    "reviewhub.common.middleware.RequestMetrics",
    "django_structlog.middlewares.RequestMiddleware",
    "reviewhub.common.middleware.BodyLimits",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "reviewhub.common.middleware.PersonalLocale",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "reviewhub.common.middleware.StorableForms",
    "reviewhub.common.middleware.Problems",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "reviewhub.common.authentication.Accounts",
]
# Guessing a password is slow: per name and address, so that nobody can lock a colleague out.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or guessing on would make it endless
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "reviewhub.common.callers.address_of"
AXES_LOCKOUT_CALLABLE = "reviewhub.common.lockout.too_many_logins"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
ROOT_URLCONF = "reviewhub.urls"
WSGI_APPLICATION = "reviewhub.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reviewhub.shell.shell",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- words ----------------------------------------------------------------------------------

USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español")]
if env.flag(
    "PSEUDO_LOCALE",
    "Offers a made-up language to developers: accented, a third longer, right to left.",
    False,
):
    # Chromium's and Android's code for it; Arabic to whoever asks for the direction.
    LANGUAGES.append(("ar-xb", "⟦Right to left⟧"))
LOCALE_PATHS = [ROOT / "reviewhub" / "locale"]
FORMAT_MODULE_PATH = ["reviewhub.formats"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 86400
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = REVIEWHUB_HTTPS

# --- databases, files, broker, logs ---------------------------------------------------------

DATABASES = {"default": database(env, REVIEWHUB_VAR_DIR)}
STORAGES = storages(env, REVIEWHUB_VAR_DIR)
STATIC_URL = "/static/"
STATIC_ROOT = REVIEWHUB_VAR_DIR / "static"
STATICFILES_DIRS = [ROOT / "static"]
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = REVIEWHUB_MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FILES = REVIEWHUB_MAX_BATCH
# A thousand boxes of six fields in one form, and what else it carries.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6_100
LOGGING = configure_logs(
    as_json=env.flag("LOG_JSON", "Logs as one JSON object a line.", True),
    level=env.choice(
        "LOG_LEVEL", "How much is logged.", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR")
    ),
)
# One line per request is said by `request_finished`; the other would double the volume.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # RequestId has checked or made it
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_CELERY_ENABLED = True

# --- people ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "annotations.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
]
SESSION_ENGINE = "reviewhub.common.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# --- safety of pages ------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = REVIEWHUB_HTTPS
_HOST_ONLY = "__Host-" if REVIEWHUB_HTTPS else ""
SESSION_COOKIE_NAME = f"{_HOST_ONLY}sessionid"
CSRF_COOKIE_NAME = f"{_HOST_ONLY}csrftoken"
CSRF_FAILURE_VIEW = "reviewhub.common.problems.csrf_failure"
SECURE_SSL_REDIRECT = REVIEWHUB_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 365 * 86400 if REVIEWHUB_HTTPS else 0
# W005, W021: whether sub-domains and the browsers' own list are included in HSTS is for the owner
# of the domain to decide. W002: a project's API begins at its own address, without a slash.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "urls.W002"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if REVIEWHUB_BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": [
            "'self'",
            "data:",
            *env.words("IMAGE_ORIGINS", "Other origins that pages load images from, such as S3's."),
        ],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- API ------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["reviewhub.common.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "reviewhub.openapi.ContractSchema",
    "EXCEPTION_HANDLER": "reviewhub.common.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Written to docs/openapi.json by `manage.py openapi`, and served from there.
SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "reviewhub.openapi.Generator",
    "OAS_VERSION": "3.1.0",
    "TITLE": "ReviewHub",
    "VERSION": "1",
    "DESCRIPTION": "Predictions in, settled annotations and better models out. Every error is a "
    "problem document (RFC 9457). The guide with programs to copy is docs/client.md.",
    "SERVERS": [{"url": "/", "description": "This installation"}],
    "POSTPROCESSING_HOOKS": [],
}
REVIEWHUB_OPENAPI = ROOT / "docs" / "openapi.json"
