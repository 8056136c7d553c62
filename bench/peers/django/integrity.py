"""Judge every object of the database of DATABASE_URL by Django's own rules; print what is wrong.

One JSON object: how many objects of each model there are, and a sentence for each problem: a rule
of a field that is broken, or a key that leads nowhere. Write nothing.
"""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")
django.setup()

# These read the settings and the models, so they come after `setup`.
from django.apps import apps  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402
from django.db import connection  # noqa: E402


def integrity():
    counts, problems = {}, []
    # On SQLite `PRAGMA foreign_key_check`; PostgreSQL has let in no key that leads nowhere.
    connection.check_constraints()
    for model in apps.get_models(include_auto_created=True):
        objects = model._default_manager.all()
        counts[model._meta.label_lower] = len(objects)
        for one in objects:
            problems += [f"{model._meta.label_lower} {one.pk}: {text}" for text in broken(one)]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            problems += [text for (text,) in cursor.fetchall() if text != "ok"]
    return {"counts": counts, "problems": problems}


def broken(one):
    """What `full_clean` says, which also looks up each key."""
    try:
        one.full_clean()
    except ValidationError as error:
        return [f"{name}: {texts}" for name, texts in error.message_dict.items()]
    return []


print(json.dumps(integrity()))
