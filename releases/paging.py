"""A page that the database cut: its query clamps the number and counts all in the column `total`."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator

PAGE_SIZE = 50


def page_of(rows: Sequence[dict[str, Any]], number: int) -> Page[Any]:
    """The page that those rows are; beyond the last one, the last."""
    total = rows[0]["total"] if rows else 0
    page: Page[Any] = Paginator(range(total), PAGE_SIZE).get_page(number)
    page.object_list = rows
    return page
