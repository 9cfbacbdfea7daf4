"""The previous visit as a person would say when it was."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from mlpp_gov.templatetags.governance import day


def visit_sentence(ended_at: datetime | None) -> str:
    """« Depuis votre visite d’hier 17:02 », in the depot's time; nothing on a first visit."""
    if ended_at is None:
        return ""
    local = timezone.localtime(ended_at)
    time = f"{local:%H:%M}"
    match (timezone.localdate() - local.date()) // timedelta(days=1):
        case 0:
            return _("Depuis votre visite de {time}").format(time=time)
        case 1:
            return _("Depuis votre visite d’hier {time}").format(time=time)
    return _("Depuis votre visite du {date} à {time}").format(date=day(ended_at), time=time)
