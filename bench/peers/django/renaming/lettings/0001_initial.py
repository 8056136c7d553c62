"""The models whose tables were renamed: nothing is made."""

from importlib import import_module

from django.db import migrations

MODELS = import_module("lettings.migrations.0001_initial").Migration


class Migration(migrations.Migration):
    initial = True
    dependencies = [*MODELS.dependencies, ("oc_lettings_site", "0002_rename_tables")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=MODELS.operations)]
