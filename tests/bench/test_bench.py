"""The benchmarks' own arithmetic and command line; how fast anything is, `make bench` says."""

import pytest

from bench.__main__ import BENCHMARKS, arguments
from bench.measure import alternate, rates, table


def test_a_rate_is_rows_over_the_median_duration():
    result = rates("x", 1000, [0.1, 0.5, 0.2], [0.4, 0.4, 0.4], "")
    assert (result.value, result.reference, result.unit) == (5000, 2500, "rows/s")


def test_the_ratio_is_the_median_over_pairs_so_that_a_slow_moment_of_the_machine_cancels_out():
    assert rates("x", 1, [1.0, 10.0, 1.0], [3.0, 30.0, 3.0], "").ratio == 3.0


def test_samples_that_do_not_pair_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        rates("x", 1, [1.0, 2.0], [1.0], "")


def test_contenders_alternate_and_swap_their_order():
    calls = []
    durations = alternate(
        {name: lambda name=name: calls.append(name) or len(calls) for name in "ab"}, samples=2
    )
    assert calls == ["a", "b", "b", "a"]
    assert durations == {"a": [1, 4], "b": [2, 3]}


def test_the_table_has_a_line_per_result():
    lines = table([rates("sync", 1000, [0.1], [0.4], "")]).splitlines()
    assert lines[1].split() == ["sync", "10000", "2500", "4.00", "rows/s"]


def test_all_benchmarks_run_unless_one_is_named():
    assert arguments([]) == list(BENCHMARKS)
    assert arguments(["sync_first"]) == ["sync_first"]


def test_an_unknown_benchmark_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit, match="2"):
        arguments(["nothing"])
    assert "sync_unchanged" in capsys.readouterr().err
