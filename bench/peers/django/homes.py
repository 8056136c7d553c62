"""Change the lettings of the database of DATABASE_URL as Django does beside tables that it does not know.

`homes.py delete ID` deletes a letting as its admin does. `homes.py rebuild` widens a column as a
migration does, which makes the table anew on SQLite.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")
django.setup()

# These read the settings and the models, so they come after `setup`.
from django.db import connection, migrations, models  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

from lettings.models import Letting  # noqa: E402


class Widen(migrations.Migration):
    operations = [
        migrations.AlterField("letting", "title", models.CharField(max_length=300)),
    ]


def rebuild():
    executor = MigrationExecutor(connection)
    state = executor.loader.project_state()
    executor.apply_migration(state, Widen("0099_widen", "lettings"))


if sys.argv[1] == "rebuild":
    rebuild()
else:
    Letting.objects.get(pk=int(sys.argv[2])).delete()
connection.check_constraints()
