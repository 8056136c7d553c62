"""The app's ids are 64 bits wide; those of `oc_lettings_site` were 32."""

from django.apps import AppConfig


class LettingsConfig(AppConfig):
    name = "lettings"
    default_auto_field = "django.db.models.BigAutoField"
