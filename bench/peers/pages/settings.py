"""Settings of the Django peer, with public pages instead of the admin."""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent / "django"))

from peer.settings import *  # noqa: E402, F403
from peer.settings import INSTALLED_APPS, TEMPLATES  # noqa: E402

ROOT_URLCONF = "pages"
WSGI_APPLICATION = "pages.application"
INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "oc_lettings_site"]
TEMPLATES = [{**TEMPLATES[0], "DIRS": [FOLDER / "templates"]}]
