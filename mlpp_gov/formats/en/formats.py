"""English pages write and read figures and dates as the French ones do: « 10 000,5 », « 19/02/2026 »."""

from django.conf.locale.fr.formats import *  # type: ignore[import-untyped]  # noqa: F403
