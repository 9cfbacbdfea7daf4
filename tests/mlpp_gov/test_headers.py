"""Every answer tells the browser how little it may do with it."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

ANSWERS = {
    "/login/": 200,
    "/password/": 200,
    "/governance/integrity/": 302,
    "/admin/login/": 302,
    "/nulle-part/": 404,
    "/login/?next=%00": 400,
    "/static/css/app.css": 200,
    "/static/nulle-part.css": 404,
}


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_carries_the_headers(path: str) -> None:
    response = Client().get(path, headers={"x-forwarded-proto": "https"})
    response.close()

    assert response.status_code == ANSWERS[path]
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "camera=()" in response["Permissions-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_admin_carries_them_too(client_of: object, admin: object) -> None:
    response = client_of(admin).get("/admin/")  # type: ignore[operator]

    assert "unsafe" not in response["Content-Security-Policy"]
    assert "camera=()" in response["Permissions-Policy"]
