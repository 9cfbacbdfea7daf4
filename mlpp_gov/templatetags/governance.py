"""How figures and moments read for an operator: « il y a 3 jours », « 19 févr. 2026 à 07:12 », « 10 000 ».

Words follow the reader's language; figures keep French separators in both (mlpp_gov/formats)."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext

from mlpp_gov.sentences import spoken

register = template.Library()

LARGEST_WITH_DECIMALS = Decimal(10) ** 15

STATES = {  # the words of ML_PP's statut columns
    "active": gettext_noop("Active"),
    "inactive": gettext_noop("Inactive"),
    "maintenance": gettext_noop("En maintenance"),
    "CHARGEMENT": gettext_noop("En chargement"),
    "TRANSIT": gettext_noop("En transit"),
    "FRONTIERE": gettext_noop("À la frontière"),
    "ARRIVE": gettext_noop("Arrivé"),
    "DECHARGE": gettext_noop("Déchargé"),
    "validee": gettext_noop("Validée"),
    "rejetee": gettext_noop("Rejetée"),
    "brouillon": gettext_noop("Brouillon"),
}


@register.filter
def since(moment: datetime | None) -> str:
    """Age in its largest unit, unbreakable; a moment in the future (a clock that differs) reads as now."""
    if moment is None:
        return _("date inconnue")
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return _("à l’instant")
    if seconds < 3600:
        return _("il y a {count}\u00a0min").format(count=int(seconds // 60))
    if seconds < 86400:
        return _("il y a {count}\u00a0h").format(count=int(seconds // 3600))
    days = int(seconds // 86400)
    return ngettext("il y a {count}\u00a0jour", "il y a {count}\u00a0jours", days).format(
        count=days
    )


@register.filter
def duration(seconds: float | None) -> str:
    """A length of time to two figures of its unit: « 12 min », « 5 h 30 », « 3,2 jours »."""
    if seconds is None:
        return "—"
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("moins d’une\u00a0minute")
    if minutes < 60:
        return f"{minutes}\u00a0min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours}\u00a0h\u00a0{rest:02}" if rest else f"{hours}\u00a0h"
    days = round(seconds / 86400, 1)  # number_format cuts where it should round
    places = 0 if days.is_integer() else 1
    count = number_format(days, places, use_l10n=True, force_grouping=True)
    return _("{count}\u00a0jours").format(count=count)


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
    return _("{day} à {time} ({zone})").format(
        day=day(value), time=f"{local:%H:%M}", zone=timezone.get_current_timezone_name()
    )


@register.filter
def day(value: date | None) -> str:
    """A date, or a moment's local one: « 19 fév. 2026 »; nothing for none."""
    return _dated(value, pgettext("format", "j N Y"))


@register.filter
def day_of_year(value: date | None) -> str:
    """A date, or a moment's local one, without its year: « 19 fév. »; nothing for none."""
    return _dated(value, pgettext("format", "j N"))


def _dated(value: date | None, pattern: str) -> str:
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return date_format(local, pattern) if local else ""


@register.filter
def number(value: int | None) -> str:
    """Integer with French thousands separators, in any language."""
    return "—" if value is None else number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def litres(value: Decimal | None) -> str:
    """Volume rounded to the litre, unbreakable: « −4 000 L »; NaN, infinite or absent is « inconnu »."""
    return _("inconnu") if value is None else f"{_figure(value.to_integral_value())}\u00a0L"


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
    return _("inconnu") if value is None else f"{_figure(value.normalize())}\u00a0{unit}"


@register.filter
def fixed(value: Decimal | None, decimals: int) -> str:
    """Figure with that many decimals, to be aligned in a column whose head says the unit."""
    if value is None:
        return _("inconnu")
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
    return _(STATES[value]) if value in STATES else value or "—"


register.filter("spoken", spoken)
