"""Settings. `LIFEOPS_ENV` is development (default), test or production; production refuses defaults (see `_strict`)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("LIFEOPS_VAR", BASE_DIR / "var"))

env = environ.Env()


def secret(name: str, default: str) -> str:
    """A secret from `NAME`, or from the file that `NAME_FILE` names (Docker secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def embedded() -> dict[str, str]:
    """Addresses of the embedded servers, written by `lifeops.embedded` while they run."""
    path = VAR / "run" / "servers.json"
    return json.loads(path.read_text()) if path.exists() else {}


ENVIRONMENT = env.str("LIFEOPS_ENV", "development")
PRODUCTION = ENVIRONMENT == "production"
TESTING = ENVIRONMENT == "test"
DEBUG = env.bool("DEBUG", default=False)

INSECURE_KEY = "insecure-development-key-never-for-production-0123456789abcdef"
INSECURE_FIELD_KEY = "bGlmZW9wcy1kZXZlbG9wbWVudC1vbmx5LWtleS0wMDE="
SECRET_KEY = secret("SECRET_KEY", INSECURE_KEY)
FIELD_KEYS = [k for k in secret("FIELD_KEYS", INSECURE_FIELD_KEY).split(",") if k]
INSECURE_INDEX_KEY = "insecure-development-index-key"
# one a line: keys may hold any other sign
BLIND_INDEX_KEYS = [k for k in secret("BLIND_INDEX_KEY", INSECURE_INDEX_KEY).splitlines() if k]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "simple_history",
    "axes",
    "csp",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lifeops.ui",
    "lifeops.org",
    "lifeops.workdays",
    "lifeops.reference",
    "lifeops.policies",
    "lifeops.notices",
    "lifeops.screening",
    "lifeops.cases",
    "lifeops.documents",
    "lifeops.insight",
    "lifeops.administration",
    "lifeops.demo",
    "intake",
    "underwriting",
    "servicing",
    "claims",
    "archive",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "lifeops.org.signing.PrivateMiddleware",
    "lifeops.org.signing.FirstPasswordMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lifeops.cases.middleware.NotDoneMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "lifeops.urls"
WSGI_APPLICATION = "lifeops.wsgi.application"
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
                "lifeops.ui.context.shell",
            ],
        },
    },
]

# Servers -----------------------------------------------------------------------------------------------------------
DATABASE_URL = secret("DATABASE_URL", "") or embedded().get("database_url", "")
REDIS_URL = secret("REDIS_URL", "") or embedded().get("redis_url", "redis://127.0.0.1:6379/0")
_database: dict[str, Any] = env.db_url_config(DATABASE_URL or "postgres://lifeops@127.0.0.1:5432/lifeops")
_database |= {"CONN_MAX_AGE": 0 if TESTING else 60, "CONN_HEALTH_CHECKS": not TESTING, "ATOMIC_REQUESTS": False}
if TESTING and env.str("TEST_DB_SUFFIX", ""):
    _database["TEST"] = {"NAME": f"test_lifeops_{env.str('TEST_DB_SUFFIX')}"}
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "lifeops",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 5},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# Celery ------------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
# A dead broker must not hold up a page: one short try, the sweep delivers later.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "visibility_timeout": 300,
    "max_retries": 0,
    "retry_on_timeout": False,
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "run" / "beat")
CELERY_BEAT_SCHEDULE = {
    "publish-forgotten": {"task": "lifeops.cases.tasks.publish_forgotten", "schedule": 30.0},
    "escalate-due": {"task": "lifeops.cases.tasks.escalate_due", "schedule": 30.0},
    "urge-due": {"task": "lifeops.cases.tasks.urge_due", "schedule": 30.0},
    "deliver-forgotten": {"task": "lifeops.notices.tasks.deliver_forgotten", "schedule": 60.0},
    "fold-counters": {"task": "lifeops.insight.tasks.fold_counters", "schedule": 60.0},
    "prove-counters": {"task": "lifeops.insight.tasks.prove_counters", "schedule": crontab(hour=3, minute=30)},
    "policy-day": {"task": "lifeops.policies.tasks.policy_day", "schedule": crontab(hour=0, minute=20)},
    "compare-customers": {"task": "lifeops.policies.tasks.compare_customers", "schedule": crontab(hour=2, minute=40)},
    "screen-customers": {"task": "lifeops.screening.tasks.screen_customers", "schedule": 600.0},
    "screen-cases": {"task": "lifeops.cases.tasks.screen_cases", "schedule": 600.0},
    "alarm-missing-years": {"task": "lifeops.cases.tasks.alarm_missing_years", "schedule": crontab(hour=8, minute=10)},
    "forget-old-keys": {"task": "lifeops.cases.tasks.forget_old_keys", "schedule": 86400.0},
}

# People and access --------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "lifeops.api.tokens.TokensEnd"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher" if not TESTING else "django.contrib.auth.hashers.MD5PasswordHasher"
]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "home", "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_ENABLED = not TESTING or env.bool("AXES_ENABLED", default=False)
SESSION_COOKIE_AGE = 8 * 3600
CSRF_FAILURE_VIEW = "lifeops.ui.errors.csrf_failed"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# Browser security ---------------------------------------------------------------------------------------------------
_policy = {
    "default-src": [SELF],
    "img-src": [SELF, "data:", "blob:"],
    "style-src": [SELF, UNSAFE_INLINE],
    "script-src": [SELF, NONCE],
    "font-src": [SELF, "data:"],
    "frame-src": [SELF],
    "frame-ancestors": [NONE],
    "object-src": [NONE],
    "base-uri": [SELF],
    "form-action": [SELF],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": _policy}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

# Language and time --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_SOURCE = BASE_DIR / "lifeops" / "administration" / "locale"
LOCALE_PATHS = [VAR / "locale"]  # compiled from the source at start-up
TIME_ZONE = "Asia/Shanghai"
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = ["lifeops.formats"]

# Files --------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
VENDOR = VAR / "vendor"
STATICFILES_DIRS = [("vendor", VENDOR)] if VENDOR.exists() else []
_manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if TESTING or DEBUG else _manifest
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = VAR / "media"
LETTER_FONTS = VAR / "node" / "node_modules" / "@expo-google-fonts"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_PERMISSIONS = 0o600

# Mail ---------------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = VAR / "mail"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "运营系统 <lifeops@example.invalid>")
if env.str("EMAIL_URL", ""):
    vars().update(env.email_url("EMAIL_URL"))

# API ----------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["lifeops.api.permissions.NobodyUnlessDeclared"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "lifeops.api.errors.answer",
    "DEFAULT_THROTTLE_RATES": {"token": "20/min"},
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "人寿保险运营作业系统接口",
    "DESCRIPTION": "人寿保险运营作业系统接口。权限、校验与页面一致；错误信息为中文。",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = False
SILENCED_SYSTEM_CHECKS: list[str] = []

UNFOLD = {
    "SITE_TITLE": "运营管理",
    "SITE_HEADER": "运营管理",
    "SITE_SUBHEADER": "人寿保险运营作业系统",
    "SITE_SYMBOL": "monitoring",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "THEME": "light",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("ui/icon.svg")}],
    "STYLES": [lambda request: static("administration/admin.css")],
    "SCRIPTS": [lambda request: static("administration/admin.js")],
    "COLORS": {
        "primary": {
            "50": "#f0f6fd", "100": "#e7f0fa", "200": "#c6dcf4", "300": "#9cc3eb", "400": "#6fa6de", "500": "#3f83c9",
            "600": "#1d5fa7", "700": "#174d89", "800": "#163f6d", "900": "#17365b", "950": "#17263c",
        },
    },
    "SIDEBAR": {"show_search": False, "show_all_applications": False},
}  # fmt: skip

# Demo ---------------------------------------------------------------------------------------------------------------
DEMO_PASSWORD = secret("DEMO_PASSWORD", "lifeops-demo-2026")
COMPANY_NAME = env.str("COMPANY_NAME", "安岳人寿保险股份有限公司（演示）")
COMPANY_HOTLINE = env.str("COMPANY_HOTLINE", "400-000-0000（演示）")

# Logs: who did what, never what the papers say -----------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "lifeops.org.quiet.QuietFormatter", "format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING" if TESTING else "INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "celery": {"level": env.str("CELERY_LOG_LEVEL", "WARNING")}},
}


def _strict() -> None:
    """Production does not start on defaults."""
    wrong = []
    if DEBUG:
        wrong.append("DEBUG 必须关闭")
    if SECRET_KEY == INSECURE_KEY or len(SECRET_KEY) < 50:
        wrong.append("SECRET_KEY 未设置或过短（至少 50 个字符）")
    if INSECURE_FIELD_KEY in FIELD_KEYS or not FIELD_KEYS:
        wrong.append("FIELD_KEYS 未设置")
    if INSECURE_INDEX_KEY in BLIND_INDEX_KEYS or not BLIND_INDEX_KEYS:
        wrong.append("BLIND_INDEX_KEY 未设置")
    if not ALLOWED_HOSTS or any(h.startswith(("*", ".")) for h in ALLOWED_HOSTS):
        wrong.append("ALLOWED_HOSTS 须列出具体主机名")
    if not secret("DATABASE_URL", ""):
        wrong.append("DATABASE_URL 未设置")
    if not secret("REDIS_URL", ""):
        wrong.append("REDIS_URL 未设置")
    if wrong:
        raise ImproperlyConfigured("生产环境拒绝启动：" + "；".join(wrong))


if PRODUCTION:
    _strict()
