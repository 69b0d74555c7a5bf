"""The Matrix connector: one account on any homeserver (Element and others are its clients), over its HTTP API.

An answer goes out under the id of the message it answers, so the homeserver drops what is sent twice. Where the sync
stood is kept on the homeserver, after its messages were written down."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from ..core.contracts import Bot, Channel, Connector, Desk, Memo
from ..core.errors import RetryLater, SettingsInvalid, Undeliverable
from ..core.message import Answer, Incoming, Media, MediaKind, Message

API, FILES = "/_matrix/client/v3", "/_matrix/client/v1/media/download/"
KINDS: Mapping[str, MediaKind] = {"m.audio": "audio", "m.image": "image", "m.video": "video"}
STEP = 10_000  # characters of one message; an event may have 65,536 bytes


class MatrixChannel(Channel):
    def __init__(self, settings: Mapping[str, Any], desk: Desk) -> None:
        token = {"Authorization": f"Bearer {settings['access_token']}"}
        self.http = httpx.AsyncClient(base_url=settings["homeserver"], headers=token, timeout=60)
        self.desk, self.me = desk, settings["user"]

    async def run(self) -> None:
        at = f"{API}/user/{quote(self.me)}/account_data/personac.since"
        since = (await self.call("GET", at, known=404)).json().get("at")  # 404 at the first start
        while True:
            query = {"since": since, "timeout": 30_000} if since else {}
            new = (await self.call("GET", f"{API}/sync", params=query)).json()
            for room in new.get("rooms", {}).get("invite", {}):
                await self.call("POST", f"{API}/join/{quote(room)}", known=403)
            for room, joined in new.get("rooms", {}).get("join", {}).items() if since else ():
                for event in joined["timeline"]["events"]:
                    said = event.get("content", {})
                    if event["type"] == "m.room.message" and event["sender"] != self.me and "msgtype" in said:
                        await self.desk.take(Incoming("matrix", event["event_id"], room, event["sender"], said))
            await self.call("PUT", at, json={"at": (since := new["next_batch"])})

    async def read(self, incoming: Incoming) -> Message | None:
        said, where = incoming.payload, (incoming.conversation, incoming.user, "matrix")
        if said["msgtype"] == "m.text":  # m.notice would come from another bot
            return Message(said["body"], (), *where)
        if said["msgtype"] not in KINDS or "url" not in said:
            return None
        file = await self.call("GET", FILES + said["url"].removeprefix("mxc://"))
        return Message("", (Media(KINDS[said["msgtype"]], file.content),), *where)

    async def send(self, incoming: Incoming, answer: Answer, memo: Memo) -> None:
        to = f"{API}/rooms/{quote(incoming.conversation)}/send/m.room.message/{quote(incoming.key, safe='')}"
        for start in range(0, len(answer.reply.text), STEP):  # a body is plain text: no markup breaks out of it
            said = {"msgtype": "m.notice", "body": answer.reply.text[start : start + STEP]}
            await self.call("PUT", f"{to}-{start}", json=said)

    async def call(self, method: str, path: str, known: int = 200, **given: Any) -> httpx.Response:
        try:
            answer = await self.http.request(method, path, **given)
        except httpx.HTTPError as error:
            raise RetryLater(None, type(error).__name__) from error
        if answer.status_code == 429 or answer.status_code >= 500:
            wait = float(answer.headers.get("retry-after", 0))
            raise RetryLater(wait or None, f"HTTP {answer.status_code}")
        if answer.status_code >= 400 and answer.status_code != known:
            raise Undeliverable(f"HTTP {answer.status_code} from the homeserver")
        return answer

    async def close(self) -> None:
        await self.http.aclose()


class MatrixConnector(Connector):
    name = "matrix"

    def open(self, bot: Bot, settings: Mapping[str, Any], desk: Desk) -> Channel:
        if missing := {"homeserver", "user", "access_token"} - set(settings):
            raise SettingsInvalid(f"connectors: matrix needs {', '.join(sorted(missing))}")
        return MatrixChannel(settings, desk)
