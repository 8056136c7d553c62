"""WhiteNoise's storage that also looks into JavaScript modules, as `oc-lettings` always does."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
