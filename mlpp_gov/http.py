"""Requests as the views receive them."""

from django.http import HttpRequest

from mlpp_gov.models import User


class PersonRequest(HttpRequest):
    """A request that passed LoginRequiredMiddleware: somebody is signed in."""

    user: User
