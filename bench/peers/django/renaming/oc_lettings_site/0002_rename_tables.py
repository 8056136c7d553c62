"""Give the original tables the names of the apps of today, and their models away."""

from django.db import migrations

TABLES = [
    ("Address", "lettings_address"),
    ("Letting", "lettings_letting"),
    ("Profile", "profiles_profile"),
]


class Migration(migrations.Migration):
    dependencies = [("oc_lettings_site", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable(*names) for names in TABLES],
            state_operations=[
                migrations.DeleteModel(model) for model in ("Letting", "Address", "Profile")
            ],
        )
    ]
