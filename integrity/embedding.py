"""Rows of other tables read within an alert's own query: one journey to the database instead of several."""

from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, QuerySet
from django.db.models.functions import JSONObject

Found = TypeVar("Found", bound=Model)


def embedded(rows: QuerySet[Any], *columns: str) -> ArraySubquery:
    """Those columns of the rows, which name the outer query's by OuterRef; for instances_of()."""
    return ArraySubquery(rows.values(columns=JSONObject(**{name: name for name in columns})))


def instances_of(model: type[Found], rows: list[dict[str, Any]]) -> list[Found]:
    """The rows as the model's instances, of which nothing but the embedded columns is known."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return [
        model(**{name: fields[name].to_python(value) for name, value in row.items()})
        for row in rows
    ]
