"""The same project, whose migrations rename the original tables in the place of copying them."""

from peer.settings import *  # noqa: F403

MIGRATION_MODULES = {
    app: f"renaming.{app}" for app in ("oc_lettings_site", "lettings", "profiles")
}
