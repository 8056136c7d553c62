"""Drop the original tables, once both apps have copied what was theirs."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("oc_lettings_site", "0001_initial"),
        ("lettings", "0002_migrate_data"),
        ("profiles", "0002_migrate_data"),
    ]

    operations = [
        migrations.DeleteModel("Letting"),
        migrations.DeleteModel("Address"),
        migrations.DeleteModel("Profile"),
    ]
