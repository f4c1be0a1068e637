"""A folder of the cluster's file system (HDFS, an object store, a disk all share), through the Hadoop library Spark brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class ClusterFolder:
    """Raises OSError with Hadoop's own words where something cannot be done."""

    def __init__(self, session: SparkSession, uri: str) -> None:
        context = session.sparkContext
        self.uri = uri.rstrip("/")
        # Spark has no public Python interface to the file systems it writes to.
        self._path: Any = context._jvm.org.apache.hadoop.fs.Path  # type: ignore[union-attr,unused-ignore]
        self._files: Any = self._path(self.uri).getFileSystem(context._jsc.hadoopConfiguration())

    def child(self, name: str) -> str:
        return f"{self.uri}/{name}"

    def names(self) -> list[str]:
        """What stands in the folder; nothing where there is no folder."""
        path = self._path(self.uri)
        return sorted(each.getPath().getName() for each in self._files.listStatus(path)) if self._files.exists(path) else []

    def move(self, source: str, target: str) -> None:
        """Rename something within the folder. Raises OSError where that is refused."""
        if not self._files.rename(self._path(self.child(source)), self._path(self.child(target))):
            raise OSError(f"'{self.child(source)}' could not be renamed to '{target}'")

    def remove(self, name: str) -> None:
        self._files.delete(self._path(self.child(name)), True)

    def write(self, name: str, content: bytes) -> None:
        """Write a file and put it in place whole."""
        stream = self._files.create(self._path(self.child(f".{name}.tmp")), True)
        try:
            stream.write(bytearray(content))
        finally:
            stream.close()
        self.remove(name)
        self.move(f".{name}.tmp", name)
