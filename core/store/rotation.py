"""Change the keys of a folder of stores: another master key, and each user's key locked anew.

Knows the order of steps, after each of which everything can still be read. The keyring first opens with both master
keys and has the old and the new wrapping key; then the new master key takes its place; then users' keys are locked
anew; then the old ones go. A rotation that was killed goes on when it is begun again.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..errors import Unavailable
from . import erasing, keyring, keys, seals
from .keyring import Keyring
from .keys import MasterKey
from .seals import Damaged
from .tables import connect, is_sealed


@dataclass(frozen=True, slots=True)
class Rotated:
    """Tell how many users' keys in how many stores are locked with the new key, and how many could not be opened."""

    stores: int
    users: int
    damaged: int = 0


def rotate(folder: Path, new: bytes | None = None) -> Rotated:
    """Give the stores of a folder other keys; raise Unavailable while a server or another command uses them.

    A master key from the environment is replaced by `new`, which must be given; one in the key file by a new one there.
    """
    handle = keyring.alone(folder)
    try:
        return _rotate(folder, new)
    finally:
        os.close(handle)


def _rotate(folder: Path, new: bytes | None) -> Rotated:
    old = keys.find(folder)
    if old is None or not (folder / keyring.FILE).exists():
        raise Unavailable(f"there are no keys in {folder}; they are made when a persona first keeps something there")
    if old.path is None and new is None:
        raise Unavailable(
            f"the key is in {old.origin}, where it cannot be changed from here: give the new one with --new-key-file, "
            f"and set it there when this is done ({keys.HOW})"
        )
    held = keyring.read(folder, old)
    if new == old.key and len(held.raw) == 1:
        raise Unavailable(f"the new key is the one that is in use already; {keys.HOW}")
    pending = folder / f"{keys.FILE}.new"
    if pending.exists() and len(held.raw) == 1 and keys.read(pending) == old.key:
        pending.unlink()  # of a rotation that was killed when it was done
    if old.path is not None and new is None:
        new = _pending(folder, pending)
    assert new is not None
    master = MasterKey(new, "the new key", old.path)
    both = held.turned() if len(held.raw) == 1 else held  # else one that was killed goes on
    keyring.save(folder, both, [old, master])
    erasing.reached("both")
    if old.path is not None:
        keys.replace(folder, new)
    erasing.reached("master")
    stores = users = damaged = 0
    for path in sorted(folder.glob("*.sqlite")):
        if is_sealed(path):
            changed, lost = _lock_anew(path, both)
            stores, users, damaged = stores + 1, users + changed, damaged + lost
        erasing.reached("users")
    if not damaged:  # what may yet be mended is not locked away
        keyring.save(folder, both.only_current(), [master])
    pending.unlink(missing_ok=True)
    return Rotated(stores, users, damaged)


def _pending(folder: Path, path: Path) -> bytes:
    """Return the master key to come, written down before it is used."""
    if not path.exists():
        keys.write(folder, path.name, keys.text(secrets.token_bytes(keys.BYTES)), fresh=True)
    return keys.read(path)


def _lock_anew(path: Path, ring: Keyring) -> tuple[int, int]:
    """Lock the keys of a store's users with the current wrapping key.

    Return how many are locked with it now, and how many are damaged.
    """
    locked_now = damaged = 0
    try:
        with closing(connect(str(path), "FULL")) as database:
            with database:
                rows = database.execute(
                    "SELECT user, number, locked FROM keys WHERE number != ?", (ring.current,)
                ).fetchall()
                for user, number, locked in rows:
                    try:
                        key = seals.unlock(ring, user, number, locked, str(path))
                    except Damaged:
                        damaged += 1
                        continue
                    given = (*seals.lock(ring, user, key), user)
                    database.execute("UPDATE keys SET number = ?, locked = ? WHERE user = ?", given)
                sql = "SELECT count(*) FROM keys WHERE number = ?"
                (locked_now,) = database.execute(sql, (ring.current,)).fetchone()
            erasing.overwrite(database)
    except sqlite3.Error as error:
        raise Unavailable(f"{path} could not be given other keys: {error}; try again, nothing is lost") from error
    return locked_now, damaged
