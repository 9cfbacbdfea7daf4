"""One settings file for every environment; the environment variables are listed in README.md."""

import zoneinfo
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from mlpp_gov import environment, messaging, observability
from mlpp_gov.logs import with_request

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()


def checked(name: str, *, default: str, accepts: Callable[[str], bool], hint: str) -> str:
    """Return an environment variable, or raise ImproperlyConfigured naming it and what it takes."""
    value = env.str(name, default=default)
    if not accepts(value):
        raise ImproperlyConfigured(f"{name}={value!r} : valeur incorrecte. {hint}")
    return value


# --- Identity of this process --------------------------------------------------------------------

APP_ENV = environment.app_env(env.str("APP_ENV", default="development"))
APP_RELEASE = environment.app_release(
    env.str("APP_RELEASE", default=""), env=APP_ENV, checkout=BASE_DIR
)
DEVELOPMENT = APP_ENV == "development"
DATA_DIR = Path(env.str("MLPP_DATA_DIR", default="") or BASE_DIR / ".local")

observability.start_sentry(
    dsn=env.str("SENTRY_DSN", default=""), environment=APP_ENV, release=APP_RELEASE
)

# --- Security ------------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = environment.required(
    "SECRET_KEY",
    env.str("SECRET_KEY", default="development-only-" * 4 if DEVELOPMENT else ""),
    hint="Générez-la : python -c 'import secrets; print(secrets.token_urlsafe(64))'",
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if not all(origin.startswith(("https://", "http://")) for origin in CSRF_TRUSTED_ORIGINS):
    raise ImproperlyConfigured(
        "CSRF_TRUSTED_ORIGINS : chaque origine commence par https:// (ou http://). "
        "Exemple : CSRF_TRUSTED_ORIGINS=https://gouvernance.monaluxe.app."
    )
# How many proxies in front append to X-Forwarded-For; none: the connection's address counts.
TRUSTED_PROXIES = int(
    checked(
        "TRUSTED_PROXIES",
        default="0",
        accepts=lambda value: value.isdecimal() and int(value) <= 10,
        hint="Donnez le nombre de proxys de confiance, de 0 à 10.",
    )
)
if not DEVELOPMENT:
    if "ALLOWED_HOSTS" not in env.ENVIRON or not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS est obligatoire et doit nommer les domaines servis, sans « * ». "
            "Exemple : ALLOWED_HOSTS=gouvernance.monaluxe.app."
        )
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = int(
        checked(
            "HSTS_SECONDS",
            default="3600",
            accepts=str.isdecimal,
            hint="Donnez un nombre entier de secondes.",
        )
    )
    # A browser can't be told to forget: subdomains and preload wait for the last stage, a year.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS >= 365 * 24 * 3600
    SILENCED_SYSTEM_CHECKS = [] if SECURE_HSTS_PRELOAD else ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    LANGUAGE_COOKIE_SECURE = True
    # A cookie of that prefix is this host's own: no subdomain can plant one.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    behind_tls_proxy = checked(
        "BEHIND_TLS_PROXY",
        default="true",
        accepts=("true", "false").__contains__,
        hint="Donnez true ou false.",
    )
    if behind_tls_proxy == "true":
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

AUTH_USER_MODEL = "mlpp_gov.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_MODE = checked(
    "AUTH_MODE",
    default="local",
    accepts=("local", "gotrue").__contains__,
    hint="Donnez local (comptes d’ici) ou gotrue (comptes Supabase de ML_PP).",
)
# The first refuses who is locked out, before any password is looked at.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "mlpp_gov.signin.profiles.GoTrueBackend"
    if AUTH_MODE == "gotrue"
    else "django.contrib.auth.backends.ModelBackend",
]
GOTRUE_URL = checked(
    "GOTRUE_URL",
    default="",
    accepts=lambda url: (
        AUTH_MODE == "local"
        or url.startswith("https://")
        or (DEVELOPMENT and url.startswith("http://"))
    ),
    hint="AUTH_MODE=gotrue la demande, en https://. Exemple : https://abcd.supabase.co/auth/v1.",
).rstrip("/")
GOTRUE_API_KEY = env.str("GOTRUE_API_KEY", default="")
GOTRUE_ISSUER = env.str("GOTRUE_ISSUER", default="") or GOTRUE_URL
GOTRUE_AUDIENCE = env.str("GOTRUE_AUDIENCE", default="") or "authenticated"
GOTRUE_TIMEOUT = 5  # seconds
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
PASSWORD_LENGTH = 12
PASSWORD_RESET_TIMEOUT = 3600  # seconds that the link of the mail works
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        (
            "UserAttributeSimilarityValidator",
            {"user_attributes": ("username", "full_name", "email")},
        ),
        ("MinimumLengthValidator", {"min_length": PASSWORD_LENGTH}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]

# Failures for one name from one address: nobody else is kept out, whatever a stranger types.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_HANDLER = "mlpp_gov.signin.lockout.Handler"
AXES_USERNAME_CALLABLE = "mlpp_gov.signin.lockout.name_key"
AXES_CLIENT_IP_CALLABLE = "mlpp_gov.signin.lockout.address_key"
AXES_LOCKOUT_CALLABLE = "mlpp_gov.signin.lockout.locked_page"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SECOND_FACTOR_REQUIRED = not DEVELOPMENT
OTP_TOTP_ISSUER = "ML_PP Gouvernance"

# --- Application ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    # These two before mlpp_gov, which takes them out of the Django admin.
    "procrastinate.contrib.django",
    "django_otp.plugins.otp_totp",
    "mlpp_gov",
    "releases",
    "alerts",
    "integrity",
    "mlpp_gov.admin_site.GouvernanceAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "mlpp_gov.health.HealthMiddleware",
    "mlpp_gov.access.middleware.AccessMiddleware",  # outside all that can refuse
    "csp.middleware.CSPMiddleware",
    "mlpp_gov.middleware.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mlpp_gov.language.LanguageMiddleware",  # inside WhiteNoise: files speak no language
    "mlpp_gov.middleware.ErrorPagesMiddleware",
    "mlpp_gov.middleware.NullBytesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mlpp_gov.signin.sessions.SessionRulesMiddleware",
    "mlpp_gov.middleware.LoginRequiredMiddleware",
    "mlpp_gov.visits.VisitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "mlpp_gov.urls"
WSGI_APPLICATION = "mlpp_gov.wsgi.application"
CSRF_FAILURE_VIEW = "mlpp_gov.views.csrf_failure"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
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
                "mlpp_gov.context_processors.release",
            ],
        },
    }
]

# --- Database ------------------------------------------------------------------------------------
# `default` is the application's login: NOINHERIT, no rights on business tables (see identity.py).
# `owner` installs the contract and the migrations; a web process does not need it.


def database(name: str, url: str) -> dict[str, Any]:
    """Return Django's settings for a postgresql:// URL, safe behind a transaction-mode pooler.

    Raises ImproperlyConfigured when the URL is not PostgreSQL's.
    """
    hint = f"{name} doit être une URL postgresql://utilisateur:motdepasse@hote:port/base."
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(hint)  # before the parser, which prints what it can't read
    try:
        config = env.db_url_config(url)
    except ValueError as error:  # a port that is not a number
        raise ImproperlyConfigured(hint) from error
    if not config["NAME"]:
        raise ImproperlyConfigured(hint)
    return {
        **config,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "CONN_HEALTH_CHECKS": True,
        # Seconds before the 503 page: psycopg would wait 130 for a host that never answers.
        "OPTIONS": {"connect_timeout": 5, **config.get("OPTIONS", {})},
    }


# What stands between DATABASE_URL and PostgreSQL, and so what a connection kept between two requests
# costs, and whether LISTEN stays where it was said. The rest works alike everywhere: no server-side
# cursor, no prepared statement (Django's default), nothing set for a session.
DATABASE_POOLING = checked(
    "DATABASE_POOLING",
    default="direct",
    accepts=("direct", "session", "transaction").__contains__,
    hint="Donnez direct, session ou transaction : le mode du pooler devant DATABASE_URL.",
)
DATABASES = {
    "default": database(
        "DATABASE_URL",
        environment.required(
            "DATABASE_URL",
            env.str("DATABASE_URL", default=""),
            hint="Sans elle, manage.py démarre la base embarquée en développement.",
        ),
    )
    # In session mode an idle connection keeps one of the pooler's few from everybody else.
    | {"CONN_MAX_AGE": 0 if DATABASE_POOLING == "session" else 60}
}
if owner_url := env.str("DATABASE_OWNER_URL", default=""):
    DATABASES["owner"] = database("DATABASE_OWNER_URL", owner_url)

# --- Periodic evaluation -------------------------------------------------------------------------

SYNC_PERIOD = timedelta(
    minutes=int(
        checked(
            "SYNC_PERIOD_MINUTES",
            default="5",
            accepts=lambda value: value.isdecimal() and 1 <= int(value) <= 60,
            hint="Donnez un nombre entier de minutes, de 1 à 60.",
        )
    )
)
# From then on pages say that what they show may be out of date, and /health warns; then it fails.
SYNC_STALE_AFTER = 2 * SYNC_PERIOD
SYNC_DEAD_AFTER = 6 * SYNC_PERIOD
# A pooler in transaction mode hands LISTEN to whichever connection comes next: poll instead.
WORKER_LISTENS = DATABASE_POOLING != "transaction"
PROCRASTINATE_IMPORT_PATHS = ["integrity.rls.tasks"]  # beside each app's own tasks.py
# However long the workers were away, the last period that they missed is made up for, once.
PROCRASTINATE_PERIODIC_DEFAULTS = {"max_delay": SYNC_PERIOD.total_seconds() + 60}

# --- Messages ------------------------------------------------------------------------------------

# Links in messages start with it: a worker answers no request that would say the domain.
PUBLIC_URL = messaging.public_url(
    env.str("PUBLIC_URL", default="http://127.0.0.1:8000" if DEVELOPMENT else "")
)
mail_server = messaging.mail_server(
    env.str("EMAIL_URL", default=""), folder=DATA_DIR / "mail" if DEVELOPMENT else None
)
EMAIL_BACKEND = mail_server["EMAIL_BACKEND"]
EMAIL_FILE_PATH = mail_server["EMAIL_FILE_PATH"]
EMAIL_HOST = mail_server["EMAIL_HOST"]
EMAIL_PORT = mail_server["EMAIL_PORT"]
EMAIL_HOST_USER = mail_server["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = mail_server["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = mail_server["EMAIL_USE_TLS"]
EMAIL_USE_SSL = mail_server["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = messaging.STEP_TIMEOUT
DEFAULT_FROM_EMAIL = checked(
    "DEFAULT_FROM_EMAIL",
    default="" if EMAIL_HOST else "gouvernance@localhost",
    accepts=messaging.is_sender,
    hint="Donnez l’expéditeur des e-mails, par exemple gouvernance@monaluxe.app.",
)
NOTIFY_CHANNELS = messaging.channels(env.str("NOTIFY_CHANNELS", default=""))

# --- Language, time, files -----------------------------------------------------------------------

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 86400  # seconds
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "mlpp_gov.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = checked(
    "APP_TIME_ZONE",
    default="Africa/Lubumbashi",
    accepts=zoneinfo.available_timezones().__contains__,
    hint="Donnez un nom de fuseau horaire, par exemple Africa/Lubumbashi.",
)

STATIC_URL = "/static/"
STATIC_ROOT = None if DEVELOPMENT else BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEVELOPMENT

LOG_LEVEL = checked(
    "LOG_LEVEL",
    default="INFO",
    accepts=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL").__contains__,
    hint="Donnez DEBUG, INFO, WARNING, ERROR ou CRITICAL.",
)
LOG_FORMAT = checked(
    "LOG_FORMAT",
    default="line",
    accepts=("line", "json").__contains__,
    hint="Donnez line ou json.",
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
        "json": {"()": "mlpp_gov.logs.JsonFormatter"},
        "bare": {"format": "%(message)s"},
    },
    "filters": {"request": {"()": lambda: with_request}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request"],
        },
        "accesses": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "bare",
        },
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Whatever LOG_LEVEL and LOG_FORMAT say: one JSON object per line, also when PostgreSQL is away.
        "access": {"handlers": ["accesses"], "level": "INFO", "propagate": False},
        # Several lines for each job and each sign-in, whatever came of it; the tasks say what did.
        **{
            name: {"level": "WARNING" if LOG_LEVEL == "INFO" else LOG_LEVEL}
            for name in ("procrastinate", "axes")
        },
        # They write the addresses of channels, and an address is a secret; the screens say the rest.
        **{
            name: {"level": "WARNING", "handlers": ["nowhere"], "propagate": False}
            for name in ("apprise", "urllib3", "requests_oauthlib", "oauthlib")
        },
    },
}
