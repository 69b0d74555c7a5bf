"""Refuse what a plugin's process may not do, by Python's audit events: undeclared hosts and files, programs.

Meant for a process of the plugin's own; a hook cannot be taken away again. It sees what Python does, not what code in C
does by itself: it keeps an honest plugin honest and a careless one harmless, and does not hold a determined attacker.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import sysconfig
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

PROGRAMS = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
     "os.startfile", "os.kill", "os.killpg", "ctypes.dlopen", "ctypes.dlsym", "ctypes.call_function", "os.putenv",
     "sys.setprofile", "sys.settrace", "os.setxattr", "os.removexattr", "resource.setrlimit", "resource.prlimit"}
)  # fmt: skip
_WRITES = frozenset(
    {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate",
     "os.utime", "shutil.rmtree", "shutil.move", "shutil.copyfile", "os.mkfifo", "os.mknod"}
)  # fmt: skip
_READS = frozenset({"os.listdir", "os.scandir", "os.chdir", "glob.glob"})
_DEVICES = ("/dev/null", "/dev/urandom", "/dev/random", "/dev/zero")


class NotDeclared(PermissionError):
    """Report that a plugin did what its manifest does not declare."""


class Permissions:
    """Hold what a process may do; `install` it once, before any code of the plugin is imported."""

    def __init__(self, code: Sequence[Path]) -> None:
        """Allow to read Python's own code and `code`, and nothing else."""
        own = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *sys.path, str(Path(__file__).parents[2])}
        self._readable = tuple(os.path.realpath(path) for path in (*own, *map(str, code)) if path)
        self._files: tuple[str, ...] = ()
        self._hosts: tuple[str, ...] = ()
        self._addresses: set[str] = set()
        self._programs = False

    def declare(self, network: Sequence[str], files: Sequence[str]) -> None:
        """Allow what a manifest declares, too."""
        self._hosts = tuple(host.lower() for host in network)
        self._files = tuple(os.path.realpath(os.path.expanduser(path)) for path in files)

    def install(self) -> None:
        """Refuse from here on, for as long as the process lives."""
        found = socket.getaddrinfo

        def noting(*args: Any, **kwargs: Any) -> Any:
            """Note the addresses of hosts that are allowed, which is all that `connect` is told."""
            results = found(*args, **kwargs)
            self._addresses.update(str(address[0]) for *_, address in results)
            return results

        socket.getaddrinfo = noting
        sys.addaudithook(self.check)

    def check(self, event: str, args: tuple[Any, ...]) -> None:
        """Raise NotDeclared for an event that is not allowed."""
        if event == "open":
            self._open(*args[:3])
        elif event.startswith("socket."):
            self._socket(event, args)
        elif event in _WRITES:
            for path in args[:2] if event in ("os.rename", "os.link", "shutil.move", "shutil.copyfile") else args[:1]:
                self._need(path, self._files, event)
        elif event in _READS:
            self._need(args[0] if args else None, (*self._readable, *self._files), event)
        elif event in PROGRAMS:
            raise NotDeclared(f"{event} is not allowed in a process of its own")

    def _open(self, path: Any, mode: Any, flags: Any) -> None:
        if isinstance(path, int) or path is None:
            return
        writes = isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))
        if isinstance(mode, str) and any(sign in mode for sign in "wax+"):
            writes = True
        self._need(path, self._files if writes else (*self._readable, *self._files), "open")

    def _need(self, path: Any, below: Sequence[str], event: str) -> None:
        if path is None or isinstance(path, int):
            path = "."
        real = os.path.realpath(os.fsdecode(path))
        if real in _DEVICES or any(real == folder or real.startswith(folder + os.sep) for folder in below):
            return
        raise NotDeclared(f"{event} of {real}: declare its folder in the manifest, files=(…)")

    def _socket(self, event: str, args: tuple[Any, ...]) -> None:
        if event in ("socket.getaddrinfo", "socket.gethostbyname"):
            self._host(args[0])
        elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            address = args[1] if len(args) > 1 else None
            if isinstance(address, tuple) and address:
                if str(address[0]) not in self._addresses:
                    self._host(address[0])
            elif address is not None:
                raise NotDeclared(f"{event} to {address!r} is not allowed")
        elif event == "socket.bind" and not self._is_local(args[1] if len(args) > 1 else None):
            raise NotDeclared("a plugin does not listen on the network")

    def _host(self, host: Any) -> None:
        name = os.fsdecode(host).lower().rstrip(".") if isinstance(host, str | bytes) else ""
        if not any(fnmatchcase(name, allowed) for allowed in self._hosts):
            raise NotDeclared(f"the host {name or host!r}: declare it in the manifest, network=(…)")

    @staticmethod
    def _is_local(address: Any) -> bool:
        try:
            return ipaddress.ip_address(address[0]).is_loopback
        except (TypeError, IndexError, ValueError):
            return False
