"""A store in a SQLite file, for several processes on one machine."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class SqliteStore:
    """A store in a file that any number of processes and threads may use. `msal-host` has the same format.

    The file is created readable by its owner only; an existing file is made so.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._path = Path(path).absolute()
        with self._open():
            pass

    def __del__(self) -> None:
        if self._process == os.getpid():
            self.close()

    def __repr__(self) -> str:
        return f"SqliteStore({str(self._path)!r})"

    def get(self, key: str) -> bytes | None:
        with self._open() as connection:
            return _get(connection, key)

    def set(self, key: str, value: bytes) -> None:
        with self._open() as connection:
            _set(connection, key, value)

    def delete(self, key: str) -> None:
        with self._open() as connection:
            connection.execute("DELETE FROM entries WHERE bucket = 'default' AND key = ?", (key,))

    def increment(self, key: str, delta: int) -> int:
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                value = int(_get(connection, key) or b"0") + delta
                _set(connection, key, str(value).encode())
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        return value

    def close(self) -> None:
        """Closes the file. Further use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._connection is not None and self._process != os.getpid():
                # After a fork, a connection must be neither used nor closed.
                _INHERITED.append(self._connection)
                self._connection = None
            if self._connection is None:
                self._connection = _connect(self._path)
                self._process = os.getpid()
            yield self._connection


def _connect(path: Path) -> sqlite3.Connection:
    with suppress(FileExistsError):
        # Only a new file: closing any other one would release the locks that this process has on it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    for suffix in ("", "-wal", "-shm"):
        _narrow(path.with_name(path.name + suffix))
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _retry_while_busy(lambda: connection.execute("PRAGMA journal_mode = WAL"))
        # Losing the last writes in a power failure only costs token requests.
        connection.execute("PRAGMA synchronous = NORMAL")
        _retry_while_busy(lambda: connection.execute(_TABLE))
    except BaseException:
        connection.close()
        raise
    return connection


def _narrow(path: Path) -> None:
    """Takes the permissions for a file from everyone but its owner. SQLite gives its other files the same ones."""
    if os.name == "posix" and path.is_file():
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            path.chmod(mode & 0o700)


def _retry_while_busy(work: Callable[[], T]) -> T:
    """SQLite does not wait for a lock when processes turn a new file into a WAL file at once."""
    deadline = time.monotonic() + _SET_UP_SECONDS
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            # Python 3.10 does not have the error's code.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def _get(connection: sqlite3.Connection, key: str) -> bytes | None:
    row = connection.execute("SELECT value FROM entries WHERE bucket = 'default' AND key = ?", (key,)).fetchone()
    return None if row is None else bytes(row[0])


def _set(connection: sqlite3.Connection, key: str, value: bytes) -> None:
    connection.execute(
        "INSERT INTO entries (bucket, key, value) VALUES ('default', ?, ?) "
        "ON CONFLICT (bucket, key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


_INHERITED: list[sqlite3.Connection] = []
_BUSY_SECONDS = 2
_SET_UP_SECONDS = 10

_TABLE = """
    CREATE TABLE IF NOT EXISTS entries (
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (bucket, key)
    ) WITHOUT ROWID"""
