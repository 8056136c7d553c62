"""The table of profiles."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What `default_auto_field` makes, as `makemigrations` compares it.
BIG_ID = models.BigAutoField(
    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
)


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Profile",
            fields=[
                ("id", BIG_ID),
                ("favorite_city", models.CharField(max_length=64, blank=True)),
                (
                    "user",
                    # `user.profile` is still that of the original app.
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
