"""The tables of lettings and their addresses."""

import django.db.models.deletion
from django.core.validators import MaxValueValidator, MinLengthValidator
from django.db import migrations, models

# What `default_auto_field` makes, as `makemigrations` compares it.
BIG_ID = models.BigAutoField(
    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
)


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", BIG_ID),
                ("number", models.PositiveIntegerField(validators=[MaxValueValidator(9999)])),
                ("street", models.CharField(max_length=64)),
                ("city", models.CharField(max_length=64)),
                ("state", models.CharField(max_length=2, validators=[MinLengthValidator(2)])),
                ("zip_code", models.PositiveIntegerField(validators=[MaxValueValidator(99999)])),
                (
                    "country_iso_code",
                    models.CharField(max_length=3, validators=[MinLengthValidator(3)]),
                ),
            ],
            options={"verbose_name_plural": "addresses"},
        ),
        migrations.CreateModel(
            name="Letting",
            fields=[
                ("id", BIG_ID),
                ("title", models.CharField(max_length=256)),
                (
                    "address",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, to="lettings.address"
                    ),
                ),
            ],
        ),
    ]
