"""Lock and open what belongs to a user with the user's own key (AES-256-GCM), which destroys it when it is destroyed.

Knows keys and bytes, not what they say. Keys of users are 32 random bytes, kept locked in the table `keys`. A sealed
value is a version, a nonce of 96 random bits (NIST SP 800-38D, 8.2.2: good for 2^32 values of one key) and the
ciphertext; where it belongs (table, column, row) is authenticated with it, so that values cannot change places.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections import OrderedDict
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import Unavailable
from .keyring import NONCE, Keyring

VERSION = b"\x01"
CACHED = 4096  # keys of users that are held unlocked
SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (user TEXT PRIMARY KEY, number INTEGER NOT NULL, locked BLOB NOT NULL) WITHOUT ROWID;
"""


class Damaged(Unavailable):
    """Report a value that cannot be opened: its bytes were changed, cut off, or put elsewhere."""


class Seals:
    """Seal with the keys of users, as a keyring locks them; used within a transaction of whose database is given."""

    def __init__(self, keyring: Keyring, name: str) -> None:
        """`name` tells people which store it is."""
        self.keyring = keyring
        self._name = name
        self._unlocked: OrderedDict[tuple[str, bytes], AESGCM] = OrderedDict()
        self._lock = threading.Lock()

    def seal(self, database: sqlite3.Connection, user: str, where: str, value: Any) -> bytes:
        """Return a JSON value, or bytes, sealed for one place with the user's key, which is made when there is none."""
        cipher = self._key(database, user) or self._make(database, user)
        plain = b"b" + value if isinstance(value, bytes) else b"j" + json.dumps(value, ensure_ascii=False).encode()
        nonce = os.urandom(NONCE)
        return VERSION + nonce + cipher.encrypt(nonce, plain, _bound(user, where))

    def open(self, database: sqlite3.Connection, user: str, where: str, sealed: bytes) -> Any:
        """Return what was sealed for this place; raise Damaged."""
        cipher = self._key(database, user)
        if cipher is None:
            raise self._damaged(where, "its key is missing")
        if not isinstance(sealed, bytes) or sealed[:1] != VERSION:
            raise self._damaged(where, "it is cut off or of another version")
        start = 1 + NONCE
        try:
            plain = cipher.decrypt(sealed[1:start], sealed[start:], _bound(user, where))
        except (InvalidTag, ValueError) as error:
            raise self._damaged(where, "its bytes were changed") from error
        return plain[1:] if plain[:1] == b"b" else json.loads(plain[1:])

    def destroy(self, database: sqlite3.Connection, user: str) -> int:
        """Delete a user's key, and with it all that it sealed; return how many that were."""
        with self._lock:
            for known in [known for known in self._unlocked if known[0] == user]:
                del self._unlocked[known]
        return database.execute("DELETE FROM keys WHERE user = ?", (user,)).rowcount

    def _key(self, database: sqlite3.Connection, user: str) -> AESGCM | None:
        row = database.execute("SELECT number, locked FROM keys WHERE user = ?", (user,)).fetchone()
        if row is None:
            return None
        known = (user, row[1])  # what another process destroyed is not used on
        with self._lock:
            cipher = self._unlocked.get(known)
            if cipher is not None:
                self._unlocked.move_to_end(known)
                return cipher
        cipher = AESGCM(unlock(self.keyring, user, row[0], row[1], self._name))
        self._hold(known, cipher)
        return cipher

    def _make(self, database: sqlite3.Connection, user: str) -> AESGCM:
        key = os.urandom(32)
        number, locked = lock(self.keyring, user, key)
        database.execute("INSERT INTO keys(user, number, locked) VALUES (?, ?, ?)", (user, number, locked))
        cipher = AESGCM(key)
        self._hold((user, locked), cipher)
        return cipher

    def _hold(self, known: tuple[str, bytes], cipher: AESGCM) -> None:
        with self._lock:
            self._unlocked[known] = cipher
            while len(self._unlocked) > CACHED:
                self._unlocked.popitem(last=False)

    def _damaged(self, where: str, why: str) -> Damaged:
        return Damaged(
            f"{where} in {self._name} cannot be read: {why}. Bring the store back from a backup, or erase the user "
            "(`personac data list`, `personac data erase`)"
        )


def lock(keyring: Keyring, user: str, key: bytes) -> tuple[int, bytes]:
    """Return a user's key locked with the current wrapping key, and that one's number."""
    nonce = os.urandom(NONCE)
    return keyring.current, nonce + keyring.wrapping[keyring.current].encrypt(nonce, key, _bound(user, "key"))


def unlock(keyring: Keyring, user: str, number: int, locked: bytes, name: str) -> bytes:
    """Return a user's key; raise Damaged."""
    wrapping = keyring.wrapping.get(number)
    try:
        if wrapping is None:
            raise ValueError
        return wrapping.decrypt(locked[:NONCE], locked[NONCE:], _bound(user, "key"))
    except (InvalidTag, ValueError, TypeError) as error:
        raise Damaged(
            f"the key of the user {user} in {name} cannot be opened: it was changed, or locked with another key. Bring "
            "the store back from a backup, or erase the user (`personac data erase`)"
        ) from error


def _bound(user: str, where: str) -> bytes:
    return f"personac 1 {user} {where}".encode()
