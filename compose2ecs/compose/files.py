"""Where files are read from: the disk, or a mapping in memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Protocol

MAX_BYTES = 64 * 1024 * 1024


class FileTooLargeError(OSError):
    """A file over MAX_BYTES: whatever it is, it is not a compose file."""


class Files(Protocol):
    """What loading needs of a file system; paths are absolute."""

    root: str  # the folder that the user stands in

    def read(self, path: str) -> bytes:
        """The content; raises OSError (FileNotFoundError, IsADirectoryError, FileTooLargeError)."""

    def is_file(self, path: str) -> bool: ...

    def is_folder(self, path: str) -> bool: ...


class Disk:
    """The real file system, and standard input as `-`."""

    def __init__(self, root: str | None = None) -> None:
        self.root = os.path.abspath(root or os.getcwd())

    def read(self, path: str) -> bytes:
        if path == "-":
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with open(path, "rb") as file:
                content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise FileTooLargeError(path)
        return content

    def is_file(self, path: str) -> bool:
        # not isfile(): a named pipe, as of a shell's <(...), is a file to the user
        return os.path.exists(path) and not os.path.isdir(path)

    def is_folder(self, path: str) -> bool:
        return os.path.isdir(path)


class Memory:
    """Files in a mapping from a path, relative to `root`, to text or bytes."""

    def __init__(self, files: Mapping[str, str | bytes], root: str = "/project") -> None:
        self.root = root
        self._files = {
            os.path.normpath(os.path.join(root, path)): content for path, content in files.items()
        }

    def read(self, path: str) -> bytes:
        if path not in self._files:
            raise IsADirectoryError(path) if self.is_folder(path) else FileNotFoundError(path)
        content = self._files[path]
        return content.encode() if isinstance(content, str) else content

    def is_file(self, path: str) -> bool:
        return path in self._files

    def is_folder(self, path: str) -> bool:
        return any(known.startswith(path.rstrip("/") + "/") for known in self._files)
