"""The keys of a folder of stores, in `keys.json`, locked with the master key.

Knows keys and their file, not rows. `wrapping` keys lock the keys of users; `names` makes the keyed hashes that stand
for users; `log` signs the audit log. During a rotation the file opens with the old master key and with the new one.
"""

from __future__ import annotations

import base64
import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import Unavailable
from . import keys
from .keys import MasterKey

FILE = keys.RING
LOCK = ".keys.lock"
NONCE = 12
_BOUND = b"personac keyring 1 "


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """Hold the keys of a folder; `wrapping` are by number, and `current` is the one that new keys are locked with."""

    wrapping: Mapping[int, AESGCM]
    current: int
    names: bytes
    log: bytes
    raw: Mapping[int, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: Mapping[int, bytes], current: int, names: bytes, log: bytes) -> Keyring:
        """Return the keyring of these keys."""
        return cls({number: AESGCM(key) for number, key in raw.items()}, current, names, log, dict(raw))

    @classmethod
    def new(cls) -> Keyring:
        """Return new keys, on no disk."""
        return cls.of({1: _random()}, 1, _random(), _random())

    def name(self, kind: str, *parts: str) -> str:
        """Return the keyed hash of a name: the same for the same name, and nothing to be read from it."""
        given = "\0".join((kind, *(f"{len(part)}:{part}" for part in parts)))
        return hmac.digest(self.names, given.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]

    def turned(self) -> Keyring:
        """Return the same keys with another wrapping key, which is the current one."""
        return Keyring.of({**self.raw, self.current + 1: _random()}, self.current + 1, self.names, self.log)

    def only_current(self) -> Keyring:
        """Return the keys without the wrapping keys that are not needed any more."""
        return Keyring.of({self.current: self.raw[self.current]}, self.current, self.names, self.log)


def open_keyring(folder: Path, sealed: bool) -> Keyring:
    """Return the keyring of a folder, made when it is not there and nothing is `sealed` yet.

    Raise Unavailable when its key is missing, wrong or damaged; nothing is written then.
    """
    master = keys.find(folder)
    keys.clean(folder)
    path = folder / FILE
    if not path.exists():
        if sealed:
            raise Unavailable(
                f"{path} is missing, and without it what is kept in {folder} cannot be read; bring it back from a "
                "backup, or move the stores away to begin anew"
            )
        keys.write(folder, FILE, _packed(Keyring.new(), [master or keys.make(folder)]), fresh=True)
        master = master or keys.find(folder)
    if master is None:
        raise Unavailable(
            f"the key of the stores in {folder} is missing: set {keys.KEY} or {keys.KEY_FILE}, "
            f"or bring {folder / keys.FILE} back; without it nothing that is kept there can be read"
        )
    return read(folder, master)


def read(folder: Path, master: MasterKey) -> Keyring:
    """Return what the file holds; raise Unavailable when it is damaged or locked with another key."""
    path = folder / FILE
    try:
        wraps = [base64.b64decode(text, validate=True) for text in json.loads(path.read_bytes())["wraps"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"{path} is damaged ({type(error).__name__}); bring it back from a backup") from error
    cipher = AESGCM(master.key)
    for wrap in wraps:
        try:
            held = json.loads(cipher.decrypt(wrap[:NONCE], wrap[NONCE:], _BOUND))
        except (InvalidTag, ValueError):
            continue
        raw = {int(number): base64.b64decode(key) for number, key in held["wrapping"].items()}
        return Keyring.of(raw, int(held["current"]), base64.b64decode(held["names"]), base64.b64decode(held["log"]))
    raise Unavailable(
        f"the key in {master.origin} is not the one of the stores in {folder}, or {path} is damaged; nothing was "
        "changed. Give the right key, or another --store"
    )


def save(folder: Path, keyring: Keyring, masters: list[MasterKey]) -> None:
    """Write the file so that it opens with each of these master keys; raise Unavailable."""
    keys.write(folder, FILE, _packed(keyring, masters))


def in_use(folder: Path) -> int:
    """Return a descriptor that tells others that the keys of a folder are in use, until it is closed.

    Raise Unavailable while they are being changed.
    """
    return _lock(folder, fcntl.LOCK_SH, f"the keys of the stores in {folder} are being changed; try again after that")


def alone(folder: Path) -> int:
    """Return a descriptor that keeps others from using the keys of a folder; raise Unavailable while somebody does."""
    return _lock(folder, fcntl.LOCK_EX, f"a server or another command uses the stores in {folder}; end it first")


def _lock(folder: Path, kind: int, otherwise: str) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unavailable(f"{folder / LOCK} cannot be written: {error}; give another --store") from error
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise Unavailable(otherwise) from error
    return handle


def _packed(keyring: Keyring, masters: list[MasterKey]) -> bytes:
    held: dict[str, Any] = {
        "wrapping": {number: _text(key) for number, key in keyring.raw.items()},
        "current": keyring.current,
        "names": _text(keyring.names),
        "log": _text(keyring.log),
    }
    plain, wraps = json.dumps(held).encode(), []
    for master in masters:
        nonce = secrets.token_bytes(NONCE)
        wraps.append(_text(nonce + AESGCM(master.key).encrypt(nonce, plain, _BOUND)))
    return json.dumps({"personac": "the keys of the stores in this folder, locked", "wraps": wraps}, indent=1).encode()


def _random() -> bytes:
    return secrets.token_bytes(keys.BYTES)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
