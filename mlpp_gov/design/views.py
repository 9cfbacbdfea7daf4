from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mlpp_gov.design.samples import components, rendered
from mlpp_gov.design.tokens import PAIRS, contrast, tokens

PIXELS = 16  # in a rem


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Tokens and components as they are now; a 404 outside development."""
    if settings.APP_ENV != "development":
        raise Http404
    light, dark = tokens()
    context = {
        "pairs": [
            {
                "pair": pair,
                "light": contrast(light[pair.ink], light[pair.ground]),
                "dark": contrast(dark[pair.ink], dark[pair.ground]),
            }
            for pair in PAIRS
        ],
        "colours": [
            (name, value, dark[name]) for name, value in light.items() if value.startswith("#")
        ],
        "texts": _sizes(light, "text-"),
        "spaces": [*_sizes(light, "space-"), *_sizes(light, "radius"), *_sizes(light, "touch")],
        "components": [
            component
            | {
                "shown": [
                    rendered(component["name"], sample, request) for sample in component["samples"]
                ]
            }
            for component in components()
        ],
    }
    return render(request, "design.html", context)


def _sizes(values: dict[str, str], beginning: str) -> list[tuple[str, str, str]]:
    """Name, value, pixels of each token in rem whose name begins so; with a point in any language."""
    return [
        (name, value, f"{float(value.removesuffix('rem')) * PIXELS:g}")
        for name, value in values.items()
        if name.startswith(beginning)
    ]
