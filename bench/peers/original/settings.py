"""Settings of the Django peer, for the site as it was with all its models in one application."""

import sys
from pathlib import Path

# Behind this folder, whose application has the same name as one of the peer's.
sys.path.append(str(Path(__file__).resolve().parent.parent / "django"))

from peer.settings import *  # noqa: E402, F403
from peer.settings import INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in ("lettings", "profiles")]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
