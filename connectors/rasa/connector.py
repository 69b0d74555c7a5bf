"""Bring the skills of personas to bots of Rasa: the settings, and the channel that they mean."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

from ...core.contracts import Bot, Channel, Connector, Desk
from ...core.errors import SettingsInvalid
from .channel import RasaChannel

KEY, GRPC, HOST = "key", "grpc", "grpc_host"
LONGEST_KEY = 200
SHORTEST_KEY = 16
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RasaConnector(Connector):
    """Bring personas to bots of Rasa."""

    name = "rasa"

    def check(self, settings: Mapping[str, Any]) -> Mapping[str, str]:
        """Return what is wrong with a block as it is written, by its keys."""
        known = (KEY, GRPC, HOST)
        found = {name: f"the settings of rasa are {', '.join(known)}" for name in settings if name not in known}
        key, port, host = settings.get(KEY, ""), settings.get(GRPC, 0), settings.get(HOST, LOOPBACK[0])
        if not isinstance(key, str) or not (key == "" or "${" in key or SHORTEST_KEY <= len(key) <= LONGEST_KEY):
            found[KEY] = f"a key has {SHORTEST_KEY} to {LONGEST_KEY} characters; make one with: openssl rand -hex 24"
        if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port < 65536:
            found[GRPC] = "a port for gRPC is a number such as 5056"
        if not isinstance(host, str) or not host:
            found[HOST] = "the address for gRPC is one of this machine, 127.0.0.1 or 0.0.0.0"
        elif host not in LOOPBACK and not key:
            found[HOST] = f"other machines may call only with a key: write `{KEY}:`, too"
        return found

    def open(self, bot: Bot, settings: Mapping[str, Any], desk: Desk) -> Channel:
        """Return the channel of a persona, not yet serving; raise SettingsInvalid."""
        for name, fault in self.check(settings).items():
            raise SettingsInvalid(f"connectors: rasa: {name}: {fault}")
        port = int(settings.get(GRPC, 0))
        if port and importlib.util.find_spec("grpc") is None:
            raise SettingsInvalid("connectors: rasa: gRPC needs grpcio: pip install 'personac[rasa]'")
        address = f"{settings.get(HOST, LOOPBACK[0])}:{port}" if port else ""
        return RasaChannel(bot, str(settings.get(KEY, "")), desk, address)
