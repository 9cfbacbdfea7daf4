"""How figures and moments read for an operator: « il y a 3 jours », « 19 févr. 2026 à 07:12 », « 10 000 »."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format

register = template.Library()

SPANS = (  # seconds, singular, plural
    (86400, "jour", "jours"),
    (3600, "h", "h"),
    (60, "min", "min"),
)


@register.filter
def since(moment: datetime | None) -> str:
    """Age in its largest unit, unbreakable; a moment in the future (a clock that differs) reads as now."""
    if moment is None:
        return "date inconnue"
    seconds = (timezone.now() - moment).total_seconds()
    for span, one, many in SPANS:
        if seconds >= span:
            count = int(seconds // span)
            return f"il y a {count}\u00a0{one if count == 1 else many}"
    return "à l’instant"


@register.filter
def moment(value: datetime | None) -> str:
    """Local date and time with the name of its zone."""
    if value is None:
        return "—"
    local = timezone.localtime(value)
    return f"{date_format(local, 'j N Y')} à {local:%H:%M} ({timezone.get_current_timezone_name()})"


@register.filter
def number(value: int | None) -> str:
    """Integer with French thousands separators."""
    return "—" if value is None else number_format(value, use_l10n=True, force_grouping=True)
