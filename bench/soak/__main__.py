"""`python -m bench.soak [MINUTES]`: mixed load with faults; nothing lost, no error 500, no leak.

Directeurs handle alerts and read while evaluations of every minute open and resolve some, and while
messages leave through a service that drips. The database is restarted, web processes and workers are
killed. Exits with 1, saying what, when something does not hold:

- every act that a person saw succeed is in the journal once, and none that nobody asked for;
- no page is an error 500, nor anything else but a page or, during an outage, a 503;
- no period is evaluated twice;
- memory, threads and connections end as they were once the load was steady.
"""

import argparse
import sys
from importlib import import_module

import django


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("minutes", nargs="?", type=float, default=30)
    minutes = parser.parse_args().minutes
    import_module("tests.database")  # starts a server of its own, and tells Django's settings
    django.setup()
    from bench.soak.run import soak

    failures = soak(60 * minutes)
    sys.stdout.write("".join(f"FAILED: {failure}\n" for failure in failures) or "All held.\n")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
