"""Visit the admin of an empty database step by step; print what Django answers to each, as JSON.

Of a cookie its attributes are told and of a header its name: the values are made by chance.
The answers are recorded in crates/site/tests/data/visit.json.
"""

import json
import os

import django

os.environ["DATABASE_URL"] = "sqlite:///:memory:"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")
django.setup()

# These read the settings and the models, so they come after `setup`.
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

call_command("migrate", verbosity=0)
User.objects.create_superuser("ann", "ann@site.example", "Harbour-lamp-7")
CLIENT = Client(enforce_csrf_checks=True)


def step(method, path, fields=None):
    """What is asked, and what is answered to that."""
    name = f"{method} {path}"
    if method == "GET":
        return told(name, CLIENT.get(path))
    return told(name, CLIENT.post(path, fields))


def told(name, response):
    return {
        "step": name,
        "status": response.status_code,
        "location": response.headers.get("Location"),
        "headers": sorted(response.headers),
        "cookies": {
            cookie.key: attributes(cookie.output(header="")) for cookie in response.cookies.values()
        },
    }


def attributes(cookie):
    """All but the value and the moment."""
    parts = [part.strip() for part in cookie.split(";")[1:]]
    return sorted(part for part in parts if not part.startswith("expires="))


def form(**fields):
    return {"csrfmiddlewaretoken": CLIENT.cookies["csrftoken"].value, **fields}


def visit():
    login = "/admin/login/"
    account = {"username": "ann", "password": "Harbour-lamp-7", "next": "/admin/"}
    yield step("GET", "/admin/")
    yield step("GET", login)
    yield step("POST", login, account)
    yield step("POST", login, form(**{**account, "password": "wrong"}))
    yield step("POST", login, form(**account))
    yield step("GET", "/admin/")
    yield step("GET", "/admin")
    yield step("GET", "/admin/nonexistent/")
    yield step("GET", "/admin/logout/")
    yield step("POST", "/admin/logout/", form())


print(json.dumps(list(visit()), indent=1, sort_keys=True))
