"""How figures and moments read for an operator: « il y a 3 jours », « 19 févr. 2026 à 07:12 », « 10 000 »."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format

register = template.Library()

LARGEST_WITH_DECIMALS = Decimal(10) ** 15

SPANS = (  # seconds, singular, plural
    (86400, "jour", "jours"),
    (3600, "h", "h"),
    (60, "min", "min"),
)


STATES = {  # the words of ML_PP's statut columns
    "active": "Active",
    "inactive": "Inactive",
    "maintenance": "En maintenance",
    "CHARGEMENT": "En chargement",
    "TRANSIT": "En transit",
    "FRONTIERE": "À la frontière",
    "ARRIVE": "Arrivé",
    "DECHARGE": "Déchargé",
    "validee": "Validée",
    "rejetee": "Rejetée",
    "brouillon": "Brouillon",
}


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
def duration(seconds: float | None) -> str:
    """A length of time to two figures of its unit: « 12 min », « 5 h 30 », « 3,2 jours »."""
    if seconds is None:
        return "—"
    minutes = round(seconds / 60)
    if minutes < 1:
        return "moins d’une\u00a0minute"
    if minutes < 60:
        return f"{minutes}\u00a0min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours}\u00a0h\u00a0{rest:02}" if rest else f"{hours}\u00a0h"
    days = round(seconds / 86400, 1)  # number_format cuts where it should round
    places = 0 if days.is_integer() else 1
    return f"{number_format(days, places, use_l10n=True, force_grouping=True)}\u00a0jours"


@register.filter
def percent(share: float | None) -> str:
    """A share from 0 to 1 as whole per cent: « 60 % »."""
    return "—" if share is None else f"{round(share * 100)}\u00a0%"


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


@register.filter
def litres(value: Decimal | None) -> str:
    """Volume rounded to the litre, unbreakable: « −4 000 L »; NaN, infinite or absent is « inconnu »."""
    return "inconnu" if value is None else f"{_figure(value.to_integral_value())}\u00a0L"


@register.filter
def litres_signed(value: Decimal | None) -> str:
    """A change of volume, its sign always said: « +10 000 L »."""
    return f"+{litres(value)}" if value is not None and value > 0 else litres(value)


def _figure(value: Decimal) -> str:
    figure = number_format(abs(value), use_l10n=True, force_grouping=True)
    return f"−{figure}" if value < 0 else figure


@register.filter
def measure(value: Decimal | None, unit: str) -> str:
    """Measured value with its decimals and its unit, unbreakable: « 23,5 °C »."""
    return "inconnu" if value is None else f"{_figure(value.normalize())}\u00a0{unit}"


@register.filter
def fixed(value: Decimal | None, decimals: int) -> str:
    """Figure with that many decimals, to be aligned in a column whose head says the unit."""
    if value is None:
        return "inconnu"
    if abs(value) >= LARGEST_WITH_DECIMALS:
        return _figure(value.to_integral_value())
    rounded = round(value, decimals)
    figure = number_format(abs(rounded), decimals, use_l10n=True, force_grouping=True)
    return f"−{figure}" if rounded < 0 else figure


@register.filter
def fixed_signed(value: Decimal | None, decimals: int) -> str:
    """A change, its sign always said: « +0,10 »."""
    figure = fixed(value, decimals)
    is_more = value is not None and value > 0 and any(digit in figure for digit in "123456789")
    return f"+{figure}" if is_more else figure


@register.filter
def state(value: str | None) -> str:
    """A statut of ML_PP in words; an unknown one as it is."""
    return STATES.get(value, value) if value else "—"
