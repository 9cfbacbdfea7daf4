"""The named queries of sql/queries, one file each."""

from pathlib import Path

from mlpp_gov.queries import Queries

queries = Queries(Path(__file__).parent / "sql/queries")
fetch, fetch_together = queries.fetch, queries.fetch_together
