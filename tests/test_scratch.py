import gzip
from tests.test_english import *
from django.test.utils import CaptureQueriesContext
from django.db import connection
from tests.test_queries import FRAME
def test_mine(db, admin, client_of, written):
    admin.language = "en"; admin.save()
    client = client_of(admin)
    for name, path in addresses().items():
        if not name.startswith(("deployments","operations")): continue
        with CaptureQueriesContext(connection) as c:
            r = client.get(path)
        q=[x["sql"] for x in c if not x["sql"].startswith(FRAME)]
        left = left_in_french(r.content.decode(), written)
        print("==", name, r.status_code, "queries", len(q), "gz", len(gzip.compress(r.content)))
        [print("    ", x[:300].replace("\n"," ")) for x in q]
    assert 0
