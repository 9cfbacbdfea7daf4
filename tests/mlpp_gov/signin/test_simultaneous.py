"""The same code given several times at once: real connections, real commits."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.database import Database

ROOT = Path(__file__).resolve().parents[3]
AT_ONCE = 6
TRY_AT_ONCE = f"""
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
import django
django.setup()
from django.db import connection
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from mlpp_gov.models import User
from mlpp_gov.signin import factor

person = User.objects.create_user("directeur", role="directeur")
key = factor.new_key()
TOTPDevice.objects.create(user=person, name="TOTP", key=key)
recovery, *_ = factor.renew_codes(person)
code = recovery if sys.argv[1] == "recovery" else f"{{totp(bytes.fromhex(key)):06}}"
start = Barrier({AT_ONCE})

def give(number):
    try:
        start.wait(timeout=30)
        factor.check(User.objects.get(pk=person.pk), code)
    except (factor.WrongCode, factor.TooManyTries):
        return 0
    finally:
        connection.close()
    return 1

with ThreadPoolExecutor({AT_ONCE}) as pool:
    print(sum(pool.map(give, range({AT_ONCE}))))
"""


@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_a_code_given_several_times_at_once_opens_once(fresh_database: Database, kind: str) -> None:
    tried = subprocess.run(
        [sys.executable, "-c", TRY_AT_ONCE, kind],
        cwd=ROOT,
        env=fresh_database.env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert (tried.stdout, tried.returncode) == ("1\n", 0), tried.stderr
