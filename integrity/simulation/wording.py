"""What a simulation report says of itself: what it found, how it computes, which report it is."""

from datetime import datetime
from decimal import Decimal

from integrity.astm53b import FUEL_OILS, JET_FUELS, french_number
from integrity.simulation.forms import Places, filters_in_words
from integrity.simulation.report import Parameters, Report, Rounding, Total
from mlpp_gov import producer
from mlpp_gov.templatetags.governance import fixed, fixed_signed, moment, number

Facts = list[tuple[str, str]]

DEFAULT = " (par défaut)"


def result_facts(total: Total) -> Facts:
    return [
        ("Réceptions", number(total.count)),
        ("Non calculables", number(total.unknown)),
        ("Hors tolérance (± 0,1\u00a0%)", number(total.out_of_tolerance)),
        ("À plus de 1\u00a0L", number(total.beyond_a_litre)),
        ("Volume stocké à 15\u00a0°C", _litres(total.stored)),
        ("Volume calculé à 15\u00a0°C", _litres(total.computed)),
        ("Écart", difference_in_words(total.difference, total.percent)),
        ("Stock à 15\u00a0°C de ces citernes", _litres(total.stock)),
        ("Ce stock, écart compris", _litres(total.stock_after)),
    ]


def difference_in_words(difference: Decimal, percent: Decimal | None) -> str:
    """« −267,7 L (−0,088 %) »."""
    litres = f"{fixed_signed(difference, 1)}\u00a0L"
    return litres if percent is None else f"{litres} ({fixed_signed(percent, 3)}\u00a0%)"


def method_facts(parameters: Parameters) -> Facts:
    """How the report computes and judges."""
    hydrometer = "corrigée (densimètre de verre)" if parameters.hydrometer else "non corrigée"
    return [
        ("Méthode", "Table 53B (densité à 15\u00a0°C), puis table 54B (VCF) ; version ASTM53B/1"),
        ("Édition", "1980 : ASTM D1250-80, API MPMS 11.1, IP 200/80"),
        (
            "Constantes",
            f"Gasoils et fuels, au-dessus de {french_number(FUEL_OILS.lightest)}\u00a0kg/m³ :"
            f" K0 = {french_number(FUEL_OILS.k0)}, K1 = {french_number(FUEL_OILS.k1)}."
            f" Carburéacteurs, jusque-là : K0 = {french_number(JET_FUELS.k0)}, K1 = 0.",
        ),
        (
            "Arrondis",
            parameters.rounding.label + DEFAULT * (parameters.rounding == Rounding.ML_PP),
        ),
        ("Dilatation du densimètre", hydrometer + DEFAULT * parameters.hydrometer),
        (
            "Densité lue",
            "La colonne densite_a_15 : malgré son nom, ML_PP y met la densité observée",
        ),
        ("Volume stocké", "La colonne volume_15c, sinon volume_corrige_15c"),
        ("Écart", "Le volume calculé moins le volume stocké, en % du stocké"),
        (
            "Tolérance",
            "± 0,1\u00a0% : c’est elle qui décide. À côté, l’écart de plus de 1\u00a0L est compté à part.",
        ),
        ("Gasoil", "Produit de code G.O, GO ou AGO, ou dont le nom contient « gasoil »"),
        (
            "Vraisemblance",
            "Densité observée de 820 à 860\u00a0kg/m³, température de 10 à 40\u00a0°C. Ce qui en sort est"
            " signalé, et calculé tant que les tables le couvrent.",
        ),
    ]


def identity_facts(report: Report, places: Places, *, author: str, at: datetime) -> Facts:
    """Which report this is: what it covers, who took it and when, and its checksum."""
    filters = filters_in_words(report.parameters, places)
    return [
        ("Filtres", " ; ".join(f"{label} {value}" for label, value, _ in filters) or "aucun"),
        *producer.facts(),
        ("Édité par", author),
        ("Édité le", moment(at)),
        ("Somme de contrôle (SHA-256)", report.checksum),
    ]


def _litres(value: Decimal | None) -> str:
    return "inconnu" if value is None else f"{fixed(value, 1)}\u00a0L"
