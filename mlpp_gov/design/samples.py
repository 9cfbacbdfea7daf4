"""Each component in each of its states: the very include that is shown is the one that is rendered."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template import engines
from django.utils import timezone

TEMPLATES = settings.BASE_DIR / "templates"
LIBRARIES = "{% load i18n governance %}"
INCLUDED = re.compile(r'"components/([\w.]+)"')
FRAME = ("skeleton.html", "base.html", "components/navigation.html", "components/footer.html")

Sample = tuple[str, dict[str, Any]]  # the arguments of the include, the values that they name


class ExampleForm(forms.Form):
    """A field that helps, one that is refused, and a sentence about the whole."""

    volume = forms.IntegerField(label="Volume (L)", help_text="À 15 °C, en litres entiers.")
    reason = forms.CharField(label="Motif", widget=forms.Textarea({"rows": 2}))

    def clean(self) -> None:
        self.add_error(None, "La citerne et le produit ne vont pas ensemble.")


def components() -> list[dict[str, Any]]:
    """Every template of components/ by name, with the samples that show it."""
    around = {
        name
        for frame in FRAME
        for name in INCLUDED.findall((TEMPLATES / frame).read_text(encoding="utf-8"))
    } | {"navigation.html"}
    samples = _samples()
    return [
        {"name": path.name, "samples": samples.get(path.name, []), "is_frame": path.name in around}
        for path in sorted((TEMPLATES / "components").iterdir())
    ]


def rendered(name: str, sample: Sample, request: HttpRequest) -> dict[str, str]:
    """The call as a template writes it, and what it makes."""
    arguments, values = sample
    call = f'{{% include "components/{name}" {arguments}%}}'
    return {
        "call": call,
        "made": engines["django"].from_string(LIBRARIES + call).render(values, request),
    }


def _samples() -> dict[str, list[Sample]]:
    now = timezone.now()
    form = ExampleForm({"volume": "dix", "reason": ""})
    row = {
        "alert": {"id": "exemple", "status": "OPEN"},
        "ack_url": "#acquitter",
        "resolve_url": "#resoudre",
        "state_text": "Ouverte",
        "can_ack": True,
        "can_resolve": True,
    }
    return {
        "actions.html": [("with row=row only ", {"row": row})],
        "bars.svg.html": [("with chart=chart only ", {"chart": _chart()})],
        "breadcrumbs.html": [
            (
                'with parents=parents here="Stock négatif" only ',
                {"parents": [("Cockpit", "#cockpit"), ("Contrôles", "#controles")]},
            ),
        ],
        "chips.html": [
            (
                "with chips=chips reset_url=reset_url only ",
                {
                    "chips": [
                        {"label": "Sévérité : CRITICAL", "url": "#sans-severite"},
                        {"label": "Recherche : TANK3", "url": "#sans-recherche"},
                    ],
                    "reset_url": "#sans-filtre",
                },
            )
        ],
        "dots.svg.html": [("with plot=plot only ", {"plot": _plot()})],
        "due.html": [
            ("with row=row only ", {"row": {"due_text": "à traiter aujourd’hui, avant minuit"}}),
            ("with row=row only ", {"row": {"due_text": "en retard de 3 h 20", "is_late": True}}),
        ],
        "errors.html": [("with field=form.volume only ", {"form": form})],
        "facts.html": [
            (
                "with facts=facts only ",
                {"facts": [("Citerne", "TANK3"), ("Stock à 15 °C", "−4 000 L")]},
            )
        ],
        "field.html": [
            ("with field=form.volume only ", {"form": ExampleForm(auto_id="free_%s")}),
            ("with field=form.reason only ", {"form": form}),
        ],
        "form_errors.html": [("with form=form only ", {"form": form})],
        "icon.html": [
            (f'with name="{name}" only ', {})
            for name in re.findall(
                r'symbol id="([\w-]+)"',
                (settings.BASE_DIR / "static/icons.svg").read_text(encoding="utf-8"),
            )
        ],
        "live.html": [("", {})],
        "messages.html": [
            (
                "with messages=messages only ",
                {
                    "messages": [
                        Message(constants.SUCCESS, "Alerte acquittée."),
                        Message(constants.INFO, "Rien n’a changé."),
                        Message(constants.WARNING, "Déjà acquittée par Directeur à 07:12."),
                    ]
                },
            )
        ],
        "pager.html": [
            (
                'with counted="alertes" page=page page_urls=page_urls in_csv=True only ',
                {
                    "page": Paginator(range(12_345), 50).page(3),
                    "page_urls": dict.fromkeys(("first", "previous", "next", "last"), "#page"),
                },
            )
        ],
        "refused_filter.html": [("with reset_url=reset_url only ", {"reset_url": "#sans-filtre"})],
        "severity.html": [
            (f'with severity="{severity}" only ', {}) for severity in ("CRITICAL", "WARN", "INFO")
        ],
        "sparkline.html": [
            (
                "with sparkline=sparkline only ",
                {
                    "sparkline": {
                        "width": 40,
                        "height": 32,
                        "counts": "M0 32v-8h3v8M8 32v-20h3v20M16 32v-27h3v27M32 32v-4h3v4",
                        "failures": "M24 0h3v3h-3z",
                    }
                },
            )
        ],
        "status.html": [
            (
                "with row=row only ",
                {"row": row | {"alert": {"status": status}, "state_text": text}},
            )
            for status, text in (
                ("OPEN", "Ouverte"),
                ("ACK", "Acquittée par Directeur"),
                ("RESOLVED", "Résolue par le système"),
            )
        ],
        "time.html": [
            ("with at=at only ", {"at": now - age}) for age in (timedelta(), timedelta(days=3))
        ],
        "unstable.html": [
            ("with row=row only ", {"row": {"unstable_text": "rouverte 4 fois en 7 jours"}})
        ],
    }


def _chart() -> dict[str, Any]:
    bars = [
        ("MONALUXE", "60 000 L", "", "60%", 0),
        ("Tous propriétaires", "120 000 L", "excess", "99%", 46),
    ]
    return {
        "title": "Stock et capacité",
        "description": "Les deux propriétaires ensemble dépassent la capacité utile.",
        "height": 92,
        "bar_height": 16,
        "zero": "0%",
        "bars": [
            {
                "label": label,
                "text": text,
                "kind": kind,
                "x": "0%",
                "width": width,
                "label_y": top + 15,
                "top": top + 22,
                "mark_top": top + 19,
                "mark_bottom": top + 41,
            }
            for label, text, kind, width, top in bars
        ],
        "marks": [
            {"label": "Capacité utile", "text": "95 000 L", "x": "78%"},
            {"label": "Capacité totale", "text": "100 000 L", "x": "82%"},
        ],
    }


def _plot() -> dict[str, Any]:
    return {
        "title": "Écart par réception",
        "description": "Trois réceptions sans écart, une au-delà de 5 %.",
        "height": 120,
        "high": "+8 %",
        "low": "−8 %",
        "guides": [
            {"kind": "zero", "x1": "0%", "x2": "100%", "y1": 60, "y2": 60},
            {"kind": "limit", "x1": "0%", "x2": "100%", "y1": 22, "y2": 22},
        ],
        "dots": [
            {"kind": "", "x": "20%", "y": 62, "text": "R1 : −0,3 %"},
            {"kind": "", "x": "40%", "y": 55, "text": "R2 : +0,6 %"},
            {"kind": "odd", "x": "60%", "y": 12, "text": "R3 : +6,4 %"},
            {"kind": "odd beyond", "x": "80%", "y": 4, "text": "R4 : +31 %"},
        ],
    }
