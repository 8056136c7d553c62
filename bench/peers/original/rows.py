"""Print every row that the original site's models read, as one JSON object.

With `add` one of each is added first, as the admin adds them: with the ids that the database gives.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()

# These read the settings and the models, so they come after `setup`.
from django.contrib.admin.models import LogEntry  # noqa: E402
from django.contrib.auth.models import Permission, User  # noqa: E402
from django.db import connection  # noqa: E402

from oc_lettings_site.models import Address, Letting, Profile  # noqa: E402


def add():
    address = Address.objects.create(
        number=12, street="Quay", city="Bath", state="ME", zip_code=4530, country_iso_code="USA"
    )
    Letting.objects.create(title="Added by Django", address=address)
    user = User.objects.create_user(f"added-by-django-{address.id}")
    Profile.objects.create(user=user, favorite_city="Bath")


def values(model):
    return [list(row) for row in model.objects.order_by("id").values_list(*columns(model))]


def columns(model):
    return [field.attname for field in model._meta.concrete_fields]


if sys.argv[1:] == ["add"]:
    add()
connection.check_constraints()
print(
    json.dumps(
        {
            "address": values(Address),
            "letting": values(Letting),
            "profile": values(Profile),
            # Of what the history tells, and who may do what, in the words of the content types.
            "history": [
                [str(entry.content_type), entry.object_repr]
                for entry in LogEntry.objects.order_by("id").select_related("content_type")
                if entry.content_type.app_label == "oc_lettings_site"
            ],
            "permissions": sorted(
                f"{user.username} {permission.content_type.app_label}.{permission.codename}"
                for user in User.objects.all()
                for permission in Permission.objects.filter(user=user)
            ),
        }
    )
)
