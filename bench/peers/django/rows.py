"""Print the lettings of the database of DATABASE_URL, and the id that a new one gets, as JSON.

The new one is not kept.
"""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")
django.setup()

# These read the settings and the models, so they come after `setup`.
from django.db import connection, transaction  # noqa: E402

from lettings.models import Address, Letting  # noqa: E402

connection.check_constraints()
lettings = [[letting.id, letting.title] for letting in Letting.objects.order_by("id")]
with transaction.atomic():
    address = Address.objects.create(
        number=12, street="Quay", city="Bath", state="ME", zip_code=4530, country_iso_code="USA"
    )
    added = Letting.objects.create(title="Added by Django", address=address).id
    transaction.set_rollback(True)
print(json.dumps({"lettings": lettings, "added": added}))
