"""Collects the folder `site` with Django's own `collectstatic` and manifest storage.

    python record.py            writes what Django 5.2 says to staticfiles.json
    python record.py FOLDER     collects into that folder
"""

import pathlib
import shutil
import sys
import tempfile

import django
from django.conf import settings
from django.core.management import call_command

HERE = pathlib.Path(__file__).resolve().parent


def collect(root):
    settings.configure(
        INSTALLED_APPS=["django.contrib.staticfiles"],
        STATICFILES_DIRS=[HERE / "site"],
        STATIC_ROOT=root,
        STATIC_URL="/static/",
        STORAGES={"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}},
    )
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=1)


def main():
    if len(sys.argv) > 1:
        collect(sys.argv[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        collect(folder)
        shutil.copy(pathlib.Path(folder) / "staticfiles.json", HERE / "staticfiles.json")


if __name__ == "__main__":
    main()
