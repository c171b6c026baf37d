"""Static files under names that carry their content's hash, compressed; ES-module imports too."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Without this switch `import "./keys.js"` would name a file that is not there."""

    support_js_module_import_aggregation = True
