"""What the environment variables and the files of this process say."""

import os
import shutil
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.http.request import validate_host

from mlpp_gov.doctor.registry import Finding, check, fail, ok, warn
from mlpp_gov.templatetags.governance import number

WEAK_KEY = "security.W009"
MEGABYTE = 1_000_000
LITTLE_SPACE = 500 * MEGABYTE
NEW_KEY = "python -c 'import secrets; print(secrets.token_urlsafe(64))'"


@check("settings", "Réglages")
def django_has_no_remark() -> Finding:
    """What `manage.py check` finds, with `--deploy` where people are served."""
    found = [
        message
        for message in checks.run_checks(include_deployment_checks=not settings.DEVELOPMENT)
        if message.level >= checks.WARNING and not message.is_silenced() and message.id != WEAK_KEY
    ]
    if not found:
        return ok("Django n’y trouve rien à redire.")
    said = " ".join(f"{message.id}\u00a0: {message.msg}" for message in found)
    to_do = (
        "«\u00a0manage.py check --deploy\u00a0» détaille chaque remarque ; corrigez la variable "
        "qu’elle vise (README.md, «\u00a0Environment variables\u00a0»)."
    )
    return (fail if any(m.level >= checks.ERROR for m in found) else warn)(said, to_do)


@check("secret_key", "Clé secrète")
def secret_key_is_strong() -> Finding:
    if settings.DEVELOPMENT:
        return ok("Celle du développement, qui ne protège rien.")
    remarks = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    if any(message.id == WEAK_KEY for message in remarks):
        return fail(
            "SECRET_KEY est trop courte ou trop simple\u00a0: une session se forgerait.",
            f"Générez-en une ({NEW_KEY}), la même pour le site et les workers ; les sessions "
            "ouvertes et les codes de secours tombent.",
        )
    return ok("Assez longue et variée.")


@check("public_address", "Adresse publique et proxys")
def public_address_is_served() -> Finding:
    """Whether links in messages lead here, and visitors have addresses of their own."""
    address = urlsplit(settings.PUBLIC_URL)
    if not validate_host(address.hostname or "", settings.ALLOWED_HOSTS):
        return fail(
            f"PUBLIC_URL mène à {address.hostname}, qu’ALLOWED_HOSTS ne sert pas\u00a0: les liens des "
            "messages donneraient une erreur 400.",
            "Ajoutez ce domaine à ALLOWED_HOSTS, ou corrigez PUBLIC_URL.",
        )
    if settings.DEVELOPMENT:
        return ok(f"{settings.PUBLIC_URL}.")
    if address.scheme != "https":
        return fail(
            "PUBLIC_URL n’est pas en https\u00a0: le premier clic d’un message passerait en clair.",
            "Écrivez PUBLIC_URL=https://….",
        )
    if settings.SECURE_PROXY_SSL_HEADER and settings.TRUSTED_PROXIES == 0:
        return warn(
            "Un proxy termine le TLS (BEHIND_TLS_PROXY) et TRUSTED_PROXIES vaut 0\u00a0: tous les "
            "visiteurs ont l’adresse du proxy, et cinq essais faux bloquent un nom pour tous.",
            "Mettez TRUSTED_PROXIES=1 derrière un proxy ; sans proxy, BEHIND_TLS_PROXY=false.",
        )
    return ok(f"{settings.PUBLIC_URL}, proxys de confiance\u00a0: {settings.TRUSTED_PROXIES}.")


@check("static_files", "Fichiers statiques")
def static_files_are_there() -> Finding:
    """Whether `collectstatic` ran on this version: each source in its list, each file of it there."""
    if settings.DEVELOPMENT:
        return ok("Servis depuis leurs sources.")
    again = (
        "Lancez «\u00a0manage.py collectstatic --noinput\u00a0» sur cette version, puis redémarrez."
    )
    try:
        collected = staticfiles_storage.hashed_files  # type: ignore[attr-defined]
    except ValueError:
        return fail("Leur liste (staticfiles.json) est illisible.", again)
    if not collected:
        return fail("Leur liste (staticfiles.json) manque\u00a0: aucune page ne s’affiche.", again)
    sources = {name for finder in get_finders() for name, _ in finder.list([])}
    missing = sorted(sources - collected.keys()) + sorted(
        name for name in collected.values() if not staticfiles_storage.exists(name)
    )
    if missing:
        return fail(
            f"Il en manque {number(len(missing))}, dont {missing[0]}\u00a0: les pages qui s’en servent "
            "échouent.",
            again,
        )
    return ok(f"{number(len(collected))} fichiers, tous là.")


@check("data_folder", "Dossier des données")
def data_folder_has_room() -> Finding:
    """The embedded database and the mail of development; elsewhere nothing is kept on disk."""
    if not settings.DEVELOPMENT:
        return ok("Aucun\u00a0: rien n’est gardé sur le disque.")
    folder = settings.DATA_DIR
    if not os.access(folder, os.W_OK | os.X_OK):
        return fail(
            f"{folder} manque ou n’est pas accessible en écriture.",
            "Lancez «\u00a0make run\u00a0», ou donnez un autre MLPP_DATA_DIR.",
        )
    free = shutil.disk_usage(folder).free
    if free < LITTLE_SPACE:
        return warn(
            f"Il reste {number(free // MEGABYTE)}\u00a0Mo sur son disque.",
            "Libérez de la place\u00a0: sans elle, PostgreSQL s’arrête.",
        )
    return ok(f"{number(free // MEGABYTE)}\u00a0Mo libres.")
