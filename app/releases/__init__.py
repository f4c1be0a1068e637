"""Releases kept whole: every rulebook there was, to be answered from again.

`ReleaseStore(folder)` keeps the files of a release as one archive, named by the release, and reads them back only where
they are what they were. `Releases(running, store, make)` gives what answers (an engine and its readers, say) by a
release's id, the beginning of one, or a tag: the running release's at once, a kept one's when first asked for, few at a
time. This room knows no web and nothing of cases.
"""

from .archive import Manifest, describe
from .errors import ReleaseError
from .files import FileChanges, changed_files
from .names import LEAST_PREFIX, UNTAGGED, Called, find_release, is_tag
from .opened import RELEASE, Releases, Running
from .settings import RELEASES_VARIABLE, ReleaseSettings
from .store import Kept, ReleaseStore

__all__ = [
    "LEAST_PREFIX",
    "RELEASE",
    "RELEASES_VARIABLE",
    "UNTAGGED",
    "Called",
    "FileChanges",
    "Kept",
    "Manifest",
    "ReleaseError",
    "ReleaseSettings",
    "ReleaseStore",
    "Releases",
    "Running",
    "changed_files",
    "describe",
    "find_release",
    "is_tag",
]
