"""Change the lettings of the database of DATABASE_URL as Django does beside tables that it does not know.

`homes.py add TITLE`, `homes.py rename ID TITLE` and `homes.py delete ID` do what its admin does with a
letting. `homes.py rebuild` widens a column as a migration does, which makes the table anew on SQLite.
`homes.py flush` empties all tables as `manage.py flush` does, and `homes.py flush cascade` those that
refer to them as well.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")
django.setup()

# These read the settings and the models, so they come after `setup`.
from django.core.management import call_command  # noqa: E402
from django.db import connection, migrations, models  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

from lettings.models import Address, Letting  # noqa: E402


class Widen(migrations.Migration):
    operations = [
        migrations.AlterField("letting", "title", models.CharField(max_length=300)),
    ]


def add(title):
    address = Address.objects.create(
        number=7, street="Quay", city="Oslo", state="NO", zip_code=150, country_iso_code="NOR"
    )
    Letting.objects.create(title=title, address=address)


def rename(key, title):
    letting = Letting.objects.get(pk=int(key))
    letting.title = title
    letting.save()


def delete(key):
    Letting.objects.get(pk=int(key)).delete()


def rebuild():
    executor = MigrationExecutor(connection)
    state = executor.loader.project_state()
    executor.apply_migration(state, Widen("0099_widen", "lettings"))


def flush(also="nothing"):
    call_command("flush", interactive=False, allow_cascade=also == "cascade")


globals()[sys.argv[1]](*sys.argv[2:])
connection.check_constraints()
