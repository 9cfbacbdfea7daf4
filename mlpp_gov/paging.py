"""Links between the pages of a long list."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Page


def page_urls(page: Page[Any], url_of: Callable[[int | None], str]) -> dict[str, str]:
    """Links of the pager, from the page really shown; `url_of` the first page is that of None."""
    last = page.paginator.num_pages
    numbers = {"first": 1, "previous": page.number - 1, "next": page.number + 1, "last": last}
    return {
        name: url_of(min(number, last) if number > 1 else None) for name, number in numbers.items()
    }
