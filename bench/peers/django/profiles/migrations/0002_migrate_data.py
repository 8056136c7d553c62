"""Copy the app's rows from the original tables, ids kept."""

from django.core.management.color import no_style
from django.db import migrations


def copy_rows(apps, schema_editor):
    connection = schema_editor.connection
    for name in ("Profile",):
        old = apps.get_model("oc_lettings_site", name)
        new = apps.get_model("profiles", name)
        new.objects.bulk_create(new(**row) for row in old.objects.values())
        # On PostgreSQL an explicit id leaves the sequence where it was.
        for statement in connection.ops.sequence_reset_sql(no_style(), [new]):
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_initial"), ("oc_lettings_site", "0001_initial")]

    operations = [migrations.RunPython(copy_rows)]
