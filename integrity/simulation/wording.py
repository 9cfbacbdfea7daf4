"""What a simulation report says of itself: what it found, how it computes, which report it is."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from integrity.astm53b import FUEL_OILS, JET_FUELS, french_number
from integrity.simulation.forms import Places, filters_in_words
from integrity.simulation.report import Parameters, Report, Rounding, Total
from mlpp_gov import producer
from mlpp_gov.templatetags.governance import fixed, fixed_signed, moment, number

Facts = list[tuple[str, str]]


def result_facts(total: Total) -> Facts:
    return [
        (_("Réceptions"), number(total.count)),
        (_("Non calculables"), number(total.unknown)),
        (_("Hors tolérance (± 0,1\u00a0%)"), number(total.out_of_tolerance)),
        (_("À plus de 1\u00a0L"), number(total.beyond_a_litre)),
        (_("Volume stocké à 15\u00a0°C"), _litres(total.stored)),
        (_("Volume calculé à 15\u00a0°C"), _litres(total.computed)),
        (_("Écart"), difference_in_words(total.difference, total.percent)),
        (_("Stock à 15\u00a0°C de ces citernes"), _litres(total.stock)),
        (_("Ce stock, écart compris"), _litres(total.stock_after)),
    ]


def difference_in_words(difference: Decimal, percent: Decimal | None) -> str:
    """« −267,7 L (−0,088 %) »."""
    litres = f"{fixed_signed(difference, 1)}\u00a0L"
    return litres if percent is None else f"{litres} ({fixed_signed(percent, 3)}\u00a0%)"


def method_facts(parameters: Parameters) -> Facts:
    """How the report computes and judges."""
    hydrometer = (
        _("corrigée (densimètre de verre) (par défaut)")
        if parameters.hydrometer
        else _("non corrigée")
    )
    rounding = str(parameters.rounding.label)
    if parameters.rounding == Rounding.ML_PP:
        rounding = _("{choice} (par défaut)").format(choice=rounding)
    return [
        (
            _("Méthode"),
            _("Table 53B (densité à 15\u00a0°C), puis table 54B (VCF) ; version ASTM53B/1"),
        ),
        (_("Édition"), _("1980 : ASTM D1250-80, API MPMS 11.1, IP 200/80")),
        (
            _("Constantes"),
            _(
                "Gasoils et fuels, au-dessus de {lightest}\u00a0kg/m³ : K0 = {k0}, K1 = {k1}. "
                "Carburéacteurs, jusque-là : K0 = {jet_k0}, K1 = 0."
            ).format(
                lightest=french_number(FUEL_OILS.lightest),
                k0=french_number(FUEL_OILS.k0),
                k1=french_number(FUEL_OILS.k1),
                jet_k0=french_number(JET_FUELS.k0),
            ),
        ),
        (_("Arrondis"), rounding),
        (_("Dilatation du densimètre"), hydrometer),
        (
            _("Densité lue"),
            _("La colonne densite_a_15 : malgré son nom, ML_PP y met la densité observée"),
        ),
        (_("Volume stocké"), _("La colonne volume_15c, sinon volume_corrige_15c")),
        (_("Écart"), _("Le volume calculé moins le volume stocké, en % du stocké")),
        (
            _("Tolérance"),
            _(
                "± 0,1\u00a0% : c’est elle qui décide. À côté, l’écart de plus de 1\u00a0L est "
                "compté à part."
            ),
        ),
        (_("Gasoil"), _("Produit de code G.O, GO ou AGO, ou dont le nom contient « gasoil »")),
        (
            _("Vraisemblance"),
            _(
                "Densité observée de 820 à 860\u00a0kg/m³, température de 10 à 40\u00a0°C. Ce qui en "
                "sort est signalé, et calculé tant que les tables le couvrent."
            ),
        ),
    ]


def identity_facts(report: Report, places: Places, *, author: str, at: datetime) -> Facts:
    """Which report this is: what it covers, who took it and when, and its checksum."""
    filters = filters_in_words(report.parameters, places)
    return [
        (
            _("Filtres"),
            " ; ".join(f"{label} {value}" for label, value, _without in filters) or _("aucun"),
        ),
        *producer.facts(),
        (_("Édité par"), author),
        (_("Édité le"), moment(at)),
        (_("Somme de contrôle (SHA-256)"), report.checksum),
    ]


def _litres(value: Decimal | None) -> str:
    return _("inconnu") if value is None else f"{fixed(value, 1)}\u00a0L"
