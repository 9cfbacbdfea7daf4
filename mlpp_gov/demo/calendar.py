"""Moments of the demonstration, counted back from now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone


@dataclass(frozen=True)
class Calendar:
    now: datetime

    def at(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        """A local time of day, at least one day ago so that it is past whatever the hour is now."""
        if days_ago < 1:
            raise ValueError("The demonstration stops yesterday.")
        day = timezone.localtime(self.now) - timedelta(days=days_ago)
        return day.replace(hour=hour, minute=minute, second=0, microsecond=0)
