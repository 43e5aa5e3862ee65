"""Twitch's login, Helix and EventSub on one port of 127.0.0.1, as its documents describe them.

Written from the documents (tokens, scopes, bodies and limits are checked), not from our client;
PyPI's ``twitchAPI`` and npm's ``@twurple`` are held against it in ``tests/e2e/test_twitch_login``.
"""

import asyncio
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.twitch_wire import WORDS, Request, Response, Socket, WireServer

CHAT = "user:read:chat"
KINDS = {
    "channel.chat.message": CHAT,
    "channel.chat.message_delete": CHAT,
    "channel.chat.clear": CHAT,
    "channel.chat.clear_user_messages": CHAT,
    "channel.chat.notification": CHAT,
}
SCOPES = {
    ("GET", "users"): "",
    ("POST", "chat/messages"): "user:write:chat",
    ("POST", "chat/announcements"): "moderator:manage:announcements",
    ("PUT", "chat/pins"): "moderator:manage:chat_messages",
    ("PATCH", "chat/pins"): "moderator:manage:chat_messages",
    ("GET", "chat/pins"): "moderator:manage:chat_messages",
    ("DELETE", "chat/pins"): "moderator:manage:chat_messages",
    ("DELETE", "moderation/chat"): "moderator:manage:chat_messages",
    ("POST", "moderation/bans"): "moderator:manage:banned_users",
    ("DELETE", "moderation/bans"): "moderator:manage:banned_users",
    ("GET", "moderation/shield_mode"): "moderator:manage:shield_mode",
    ("PUT", "moderation/shield_mode"): "moderator:manage:shield_mode",
    ("POST", "eventsub/subscriptions"): "",
    ("GET", "eventsub/subscriptions"): "",
    ("DELETE", "eventsub/subscriptions"): "",
}
EVERYTHING = tuple(sorted({scope for scope in SCOPES.values() if scope} | {CHAT}))
COLOURS = ("blue", "green", "orange", "purple", "primary")
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class RefusalError(Exception):
    """Answered with a status that is not success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message


@dataclass
class Token:
    user_id: str
    scopes: tuple[str, ...]
    is_valid: bool = True


@dataclass
class Device:
    user_code: str
    scopes: tuple[str, ...]
    expires: float
    asked: float = 0.0
    user_id: str = ""
    is_denied: bool = False
    is_used: bool = False


@dataclass(eq=False)
class Session:
    session_id: str
    socket: Socket
    keepalive_s: float
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    user_id: str = ""
    sent: float = 0.0
    is_old: bool = False
    task: asyncio.Task | None = None


class FakeTwitch(WireServer):
    """``async with FakeTwitch() as twitch``; then be the viewers, and Twitch, with the methods."""

    client_id = "client1234"

    def __init__(self) -> None:
        self.people = {"shop": "1001", "ann": "2002", "bob": "3003"}
        self.tokens: dict[str, Token] = {}
        self.refreshes: dict[str, Token] = {}
        self.devices: dict[str, Device] = {}
        self.sessions: list[Session] = []
        self.moved: dict[str, Session] = {}
        self.messages: dict[str, dict[str, str]] = {}
        self.bans: dict[str, int | None] = {}
        self.pin: dict[str, Any] | None = None
        self.shield = False
        self.asked: list[tuple[str, str]] = []
        self.too_fast = 0
        # what a test may change
        self.interval = 1
        self.expires_in = 1800
        self.subscribe_s = 10.0
        self.keepalive_s: float | None = None
        self.is_silent = False
        self.pins_take = ("query", "body")
        self.drops: list[dict[str, str]] = []
        self.answers: list[Response] = []
        self.points = 800
        self.reset_s = 60

    async def __aenter__(self) -> "FakeTwitch":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in self.sessions:
            if session.task:
                session.task.cancel()
        await self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    # ------------------------------------------------------------ what people and Twitch do

    def log_in(self, login: str, scopes: tuple[str, ...] = EVERYTHING) -> tuple[str, str]:
        """A token and a refresh token, without the way there."""
        token = Token(self.people[login], scopes)
        access, refresh = secrets.token_hex(15), secrets.token_hex(25)
        self.tokens[access] = self.refreshes[refresh] = token
        return access, refresh

    def lapse(self, access: str) -> None:
        self.tokens[access] = Token(self.tokens[access].user_id, (), is_valid=False)

    def approve(self, user_code: str, login: str) -> None:
        self._device(user_code).user_id = self.people[login]

    def deny(self, user_code: str) -> None:
        self._device(user_code).is_denied = True

    async def say(self, login: str, text: str, room: str = "shop", **more: Any) -> str:
        """A viewer says something in the chat of ``room``."""
        message_id = more.pop("message_id", "") or _uuid()
        event = self._message(login, text, room, message_id)
        event.update(more)
        self.messages[message_id] = {"user": event["chatter_user_id"], "text": text}
        await self.notify("channel.chat.message", event)
        return message_id

    async def notice(self, login: str, kind: str, room: str = "shop", **more: Any) -> None:
        """A notice in the chat: ``kind`` is its notice_type, ``more`` its fields."""
        event = self._message(login, more.pop("text", ""), room, _uuid())
        for name in ("reply", "cheer", "message_type"):
            event.pop(name)
        event |= {"chatter_is_anonymous": False, "system_message": "", "notice_type": kind}
        event |= dict.fromkeys(NOTICES)
        await self.notify("channel.chat.notification", event | more)

    async def notify(self, kind: str, event: dict[str, Any], **metadata: Any) -> None:
        for session in list(self.sessions):
            subscription = session.subscriptions.get(kind)
            room = event.get("broadcaster_user_id")
            if session.is_old or subscription is None:
                continue
            if subscription["condition"]["broadcaster_user_id"] == room:
                payload = {"subscription": subscription, "event": event}
                about = {"subscription_type": kind, "subscription_version": "1"} | metadata
                await self.tell(session, "notification", payload, **about)

    async def move(self) -> None:
        """Ask everybody to go on at another server (here: this one)."""
        for session in [s for s in self.sessions if not s.is_old]:
            challenge = _uuid()
            self.moved[challenge] = session
            told = self._session(session, "reconnecting", f"{self.ws}?challenge={challenge}")
            await self.tell(session, "session_reconnect", {"session": told})

    async def revoke(self, login: str, status: str = "authorization_revoked") -> None:
        """The person takes the login back."""
        for token in self.tokens.values():
            if token.user_id == self.people[login]:
                token.is_valid = False
        for session in [s for s in self.sessions if s.user_id == self.people[login]]:
            for subscription in list(session.subscriptions.values()):
                told = {"subscription": subscription | {"status": status}}
                await self.tell(session, "revocation", told)
            session.subscriptions.clear()

    def cut(self) -> None:
        """The line is gone, without a word."""
        for session in self.sessions:
            session.socket.abort()

    async def tell(self, session: Session, kind: str, payload: Any, **metadata: Any) -> None:
        about = {"message_id": _uuid(), "message_type": kind, "message_timestamp": _now()}
        session.sent = time.monotonic()
        frame = {"metadata": about | metadata, "payload": payload}
        await session.socket.send(json.dumps(frame, ensure_ascii=False))

    def _device(self, user_code: str) -> Device:
        return next(d for d in self.devices.values() if d.user_code == user_code)

    def _login(self, user_id: str) -> str:
        return next((n for n, known in self.people.items() if known == user_id), "")

    def _person(self, prefix: str, login: str) -> dict[str, str]:
        user_id = self.people[login]
        told = {"id": user_id, "login": login, "name": login.capitalize()}
        return {f"{prefix}_user_{key}": value for key, value in told.items()}

    def _message(self, login: str, text: str, room: str, message_id: str) -> dict[str, Any]:
        fragment = {"type": "text", "text": text, "cheermote": None, "emote": None, "mention": None}
        sources = ("broadcaster_user_id", "broadcaster_user_login", "broadcaster_user_name",
                   "message_id", "badges")  # fmt: skip
        badge = "broadcaster" if login == room else "subscriber"
        return {
            **self._person("broadcaster", room),
            **self._person("chatter", login),
            **dict.fromkeys(f"source_{name}" for name in sources),
            "is_source_only": None,
            "message_id": message_id,
            "message": {"text": text, "fragments": [fragment]},
            "color": "",
            "badges": [{"set_id": badge, "id": "1", "info": ""}],
            "message_type": "text",
            "cheer": None,
            "reply": None,
            "channel_points_custom_reward_id": None,
            "channel_points_animation_id": None,
        }

    # ------------------------------------------------------------ EventSub

    async def opened(self, socket: Socket) -> None:
        asked_s = float(socket.query.get("keepalive_timeout_seconds", "10"))
        if not 10 <= asked_s <= 600:
            await socket.close(4000, "keepalive")
            return
        old = self.moved.pop(socket.query.get("challenge", ""), None)
        if old is None and "challenge" in socket.query:
            await socket.close(4007, "invalid reconnect")
            return
        session = Session(f"AgoQ{secrets.token_hex(16)}", socket, self.keepalive_s or asked_s)
        session.sent = time.monotonic()
        session.task = asyncio.ensure_future(self._keep_alive(session))
        self.sessions.append(session)
        await self.tell(session, "session_welcome", {"session": self._session(session)})
        if old is not None:
            session.subscriptions, session.user_id = old.subscriptions, old.user_id
            old.is_old = True

    async def heard(self, socket: Socket, data: bytes) -> None:
        await socket.close(4001, "client sent inbound traffic")

    async def closed(self, socket: Socket) -> None:
        for session in [s for s in self.sessions if s.socket is socket]:
            self.sessions.remove(session)
            if session.task:
                session.task.cancel()

    async def _keep_alive(self, session: Session) -> None:
        deadline = time.monotonic() + self.subscribe_s
        while True:
            await asyncio.sleep(0.02)
            now = time.monotonic()
            if not session.subscriptions and now > deadline:
                await session.socket.close(4003, "connection unused")
                return
            if not self.is_silent and now - session.sent >= session.keepalive_s:
                await self.tell(session, "session_keepalive", {})

    def _session(
        self, session: Session, status: str = "connected", url: str | None = None
    ) -> dict[str, Any]:
        seconds = None if url else round(session.keepalive_s)
        return {
            "id": session.session_id,
            "status": status,
            "connected_at": _now(),
            "keepalive_timeout_seconds": seconds,
            "reconnect_url": url,
        }

    # ------------------------------------------------------------ HTTP

    async def answer(self, request: Request) -> Response:
        path = _known_path(request.path)
        self.asked.append((request.method, path))
        try:
            if path.startswith("/oauth2/"):
                return self._on_id(request, path.removeprefix("/oauth2/"))
            if path.startswith("/helix/"):
                if self.answers:
                    return self.answers.pop(0)
                return self._limited(await self._on_helix(request, path.removeprefix("/helix/")))
            return Response(404, {"status": 404, "message": "not found"})
        except RefusalError as no:
            told = {"status": no.status, "message": no.message, "error": WORDS[no.status]}
            return self._limited(Response(no.status, told))
        except (KeyError, ValueError, TypeError, AttributeError) as exc:
            return Response(400, {"status": 400, "error": "Bad Request", "message": repr(exc)})

    def _limited(self, response: Response) -> Response:
        response.headers |= {
            "Ratelimit-Limit": "800",
            "Ratelimit-Remaining": str(max(self.points, 0)),
            "Ratelimit-Reset": str(round(time.time()) + self.reset_s),
        }
        return response

    async def _on_helix(self, request: Request, path: str) -> Response:
        if (request.method, path) not in SCOPES:
            raise RefusalError(404, "not found")
        self.points -= 1
        if self.points < 0:
            raise RefusalError(429, "Too Many Requests")
        token = self._authorised(request, "Bearer ")
        if request.headers.get("client-id") != self.client_id:
            raise RefusalError(401, "Client ID and OAuth token do not match")
        scope = SCOPES[request.method, path]
        if scope and scope not in token.scopes:
            raise RefusalError(401, f"Missing scope: {scope}")
        name = f"_{request.method.lower()}_{path.replace('/', '_')}"
        return await getattr(self, name)(request, token)

    def _authorised(self, request: Request, *kinds: str) -> Token:
        told = request.headers.get("authorization", "")
        for kind in kinds:
            token = self.tokens.get(told.removeprefix(kind)) if told.startswith(kind) else None
            if token is not None and token.is_valid:
                return token
        raise RefusalError(401, "Invalid OAuth token" if told else "OAuth token is missing")

    # ------------------------------------------------------------ id.twitch.tv

    def _on_id(self, request: Request, path: str) -> Response:
        if path == "validate":
            return self._validate(request)
        fields = {**request.query, **request.form}
        if fields.get("client_id") != self.client_id:
            raise RefusalError(400, "invalid client")
        if path == "device":
            return self._ask_device(fields)
        if path == "token":
            return self._give_tokens(fields)
        if path == "revoke":
            self.tokens[fields["token"]].is_valid = False
            return Response(200)
        raise RefusalError(404, "not found")

    def _validate(self, request: Request) -> Response:
        try:
            token = self._authorised(request, "OAuth ", "Bearer ")
        except RefusalError as no:
            raise RefusalError(401, "invalid access token") from no
        return Response(
            200,
            {
                "client_id": self.client_id,
                "login": self._login(token.user_id),
                "scopes": list(token.scopes),
                "user_id": token.user_id,
                "expires_in": 14_000,
            },
        )

    def _ask_device(self, fields: dict[str, str]) -> Response:
        scopes = tuple(fields["scopes"].split())
        if unknown := set(scopes) - set(EVERYTHING):
            raise RefusalError(400, f"invalid scope requested: {unknown}")
        user_code = "".join(secrets.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(8))
        device_code = secrets.token_hex(20)
        self.devices[device_code] = Device(user_code, scopes, time.monotonic() + self.expires_in)
        return Response(
            200,
            {
                "device_code": device_code,
                "expires_in": self.expires_in,
                "interval": self.interval,
                "user_code": user_code,
                "verification_uri": f"https://www.twitch.tv/activate?device-code={user_code}",
            },
        )

    def _give_tokens(self, fields: dict[str, str]) -> Response:
        grant = fields.get("grant_type")
        if grant == "refresh_token":
            old = self.refreshes.pop(fields["refresh_token"], None)
            if old is None:
                raise RefusalError(400, "Invalid refresh token")
            return self._tokens(old.user_id, old.scopes)
        if grant != DEVICE_GRANT:
            raise RefusalError(400, "invalid grant type")
        device = self.devices.get(fields["device_code"])
        if device is None or device.is_used or time.monotonic() > device.expires:
            raise RefusalError(400, "invalid device code")
        now, asked = time.monotonic(), device.asked
        device.asked = now
        if now - asked < self.interval * 0.9:
            self.too_fast += 1
            raise RefusalError(400, "slow_down")
        if device.is_denied:
            raise RefusalError(400, "access_denied")
        if not device.user_id:
            raise RefusalError(400, "authorization_pending")
        device.is_used = True
        return self._tokens(device.user_id, device.scopes)

    def _tokens(self, user_id: str, scopes: tuple[str, ...]) -> Response:
        access, refresh = self.log_in(self._login(user_id), scopes)
        told = {"access_token": access, "refresh_token": refresh, "expires_in": 14_400}
        return Response(200, told | {"scope": list(scopes), "token_type": "bearer"})

    # ------------------------------------------------------------ Helix

    async def _get_users(self, request: Request, token: Token) -> Response:
        login = request.query.get("login", self._login(token.user_id))
        if not login.replace("_", "").isalnum() or not login.isascii():
            raise RefusalError(400, "Bad Identifiers")
        if login not in self.people:
            return Response(200, {"data": []})
        told = {"id": self.people[login], "login": login, "display_name": login.capitalize()}
        more = dict.fromkeys(("type", "broadcaster_type", "description", "profile_image_url",
                              "offline_image_url"), "")  # fmt: skip
        told |= more | {"view_count": 0, "created_at": "2016-12-14T20:32:28Z"}
        return Response(200, {"data": [told]})

    async def _post_chat_messages(self, request: Request, token: Token) -> Response:
        told = {**request.query, **request.json}  # twitchAPI sends the fields in the address
        if told["sender_id"] != token.user_id:
            raise RefusalError(400, "sender_id must match the user of the token")
        text, room = told["message"], self._login(told["broadcaster_id"])
        if not text.strip() or not room:
            raise RefusalError(400, "message or broadcaster_id is missing")
        if len(text) > 500:
            raise RefusalError(422, "The message is too large")
        drop = self.drops.pop(0) if self.drops else None
        if token.user_id in self.bans:
            drop = {"code": "msg_banned", "message": "You are banned from this channel."}
        message_id = "" if drop else _uuid()
        if not drop:
            await self.say(self._login(token.user_id), text, room, message_id=message_id,
                           reply=self._reply(told))  # fmt: skip
            if told.get("pin") is True:
                self.pin = {"message_id": message_id, "ends_at": None}
        entry = {"message_id": message_id, "is_sent": not drop, "drop_reason": drop}
        return Response(200, {"data": [entry]})

    def _reply(self, told: dict[str, Any]) -> dict[str, str] | None:
        parent = told.get("reply_parent_message_id")
        if not parent:
            return None
        known = self.messages[parent]
        return {"parent_message_id": parent, "parent_message_body": known["text"]}

    async def _post_chat_announcements(self, request: Request, token: Token) -> Response:
        self._moderating(request.query, token)
        told = request.json
        if not 0 < len(told["message"]) <= 500 or told.get("color", "primary") not in COLOURS:
            raise RefusalError(400, "message or color")
        me, room = self._login(token.user_id), self._login(request.query["broadcaster_id"])
        about = {"color": told.get("color", "primary").upper()}
        await self.notice(me, "announcement", room, text=told["message"], announcement=about)
        return Response(204)

    async def _put_chat_pins(self, request: Request, token: Token) -> Response:
        fields = self._pin_fields(request, token)
        if self.pin and self.pin["message_id"] == fields["message_id"]:
            raise RefusalError(409, "The message is already pinned")
        self.pin = fields
        return Response(204)

    async def _patch_chat_pins(self, request: Request, token: Token) -> Response:
        fields = self._pin_fields(request, token)
        if not self.pin or self.pin["message_id"] != fields["message_id"]:
            raise RefusalError(404, "The message is not pinned")
        self.pin = fields
        return Response(204)

    def _pin_fields(self, request: Request, token: Token) -> dict[str, Any]:
        given = {"query": request.query, "body": request.json}
        if any(given[where] and where not in self.pins_take for where in given):
            raise RefusalError(400, "unexpected parameters")
        fields = {**given["body"], **given["query"]}
        self._moderating(fields, token)
        self._message_of(fields)
        seconds = int(fields.get("duration_seconds", 30))
        if not 30 <= seconds <= 1800:
            raise RefusalError(400, "duration_seconds")
        ends_at = str(seconds) if "duration_seconds" in fields else None
        return {"message_id": fields["message_id"], "ends_at": ends_at}

    async def _get_chat_pins(self, request: Request, token: Token) -> Response:
        self._moderating(request.query, token)
        if not self.pin:
            return Response(200, {"data": []})
        text = self.messages[self.pin["message_id"]]["text"]
        return Response(200, {"data": [self.pin | {"message": {"text": text, "fragments": []}}]})

    async def _delete_chat_pins(self, request: Request, token: Token) -> Response:
        self._moderating(request.query, token)
        if not self.pin or self.pin["message_id"] != request.query["message_id"]:
            raise RefusalError(404, "The message is not pinned")
        self.pin = None
        return Response(204)

    async def _delete_moderation_chat(self, request: Request, token: Token) -> Response:
        self._moderating(request.query, token)
        room = self._person("broadcaster", self._login(request.query["broadcaster_id"]))
        if "message_id" not in request.query:
            await self.notify("channel.chat.clear", room)
            return Response(204)
        user_id = self._message_of(request.query)["user"]
        if user_id == request.query["broadcaster_id"]:
            raise RefusalError(400, "You cannot delete the broadcaster's messages.")
        message_id = request.query["message_id"]
        who = self._person("target", self._login(user_id))
        event = room | who | {"message_id": message_id}
        await self.notify("channel.chat.message_delete", event)
        return Response(204)

    async def _post_moderation_bans(self, request: Request, token: Token) -> Response:
        self._moderating(request.query, token)
        told = request.json["data"]
        user_id, seconds = told["user_id"], told.get("duration")
        if user_id in (token.user_id, request.query["broadcaster_id"]):
            raise RefusalError(400, "The user specified in the user_id field may not be banned.")
        if user_id in self.bans and seconds is None and self.bans[user_id] is None:
            raise RefusalError(400, "The user specified in the user_id field is already banned.")
        if seconds is not None and not 1 <= int(seconds) <= 1_209_600:
            raise RefusalError(400, "duration")
        if len(told.get("reason", "")) > 500:
            raise RefusalError(400, "reason")
        self.bans[user_id] = seconds
        room = self._person("broadcaster", self._login(request.query["broadcaster_id"]))
        who = self._person("target", self._login(user_id))
        await self.notify("channel.chat.clear_user_messages", room | who)
        entry = {"broadcaster_id": request.query["broadcaster_id"], "user_id": user_id}
        entry |= {"moderator_id": token.user_id, "created_at": _now()[:19] + "Z"}
        entry |= {"end_time": None if seconds is None else "2030-01-01T00:00:00Z"}
        return Response(200, {"data": [entry]})

    async def _delete_moderation_bans(self, request: Request, token: Token) -> Response:
        self._moderating(request.query, token)
        if self.bans.pop(request.query["user_id"], "no") == "no":
            raise RefusalError(400, "The user specified in the user_id field is not banned.")
        return Response(204)

    async def _get_moderation_shield_mode(self, request: Request, token: Token) -> Response:
        self._moderating(request.query, token)
        told = {"is_active": self.shield, "moderator_id": token.user_id}
        told |= {"moderator_login": "", "moderator_name": "", "last_activated_at": ""}
        return Response(200, {"data": [told]})

    async def _put_moderation_shield_mode(self, request: Request, token: Token) -> Response:
        self._moderating(request.query, token)
        if not isinstance(request.json["is_active"], bool):
            raise RefusalError(400, "is_active")
        self.shield = request.json["is_active"]
        return await self._get_moderation_shield_mode(request, token)

    def _moderating(self, fields: dict[str, str], token: Token) -> None:
        if fields["moderator_id"] != token.user_id:
            raise RefusalError(401, "The ID in moderator_id must match the user ID of the token")
        if fields["broadcaster_id"] != token.user_id:
            raise RefusalError(403, "The user is not a moderator of the channel")

    def _message_of(self, fields: dict[str, str]) -> dict[str, str]:
        if fields["message_id"] not in self.messages:
            raise RefusalError(404, "The message was not found")
        return self.messages[fields["message_id"]]

    async def _post_eventsub_subscriptions(self, request: Request, token: Token) -> Response:
        told = request.json
        kind, condition, transport = told["type"], told["condition"], told["transport"]
        if kind not in KINDS or told["version"] != "1" or transport["method"] != "websocket":
            raise RefusalError(400, "invalid subscription type, version or transport")
        session = next((s for s in self.sessions if s.session_id == transport["session_id"]), None)
        if session is None:
            raise RefusalError(400, "websocket transport session does not exist")
        if set(condition) != {"broadcaster_user_id", "user_id"}:
            raise RefusalError(400, "condition")
        is_mine = condition["user_id"] == token.user_id
        if not is_mine or KINDS[kind] not in token.scopes or token.user_id in self.bans:
            raise RefusalError(403, "subscription missing proper authorization")
        if kind in session.subscriptions:
            raise RefusalError(409, "subscription already exists")
        session.user_id = token.user_id
        made = {"id": _uuid(), "type": kind, "version": "1", "status": "enabled", "cost": 0}
        made |= {"condition": condition, "created_at": _now()}
        made |= {"transport": transport | {"connected_at": _now()}}
        session.subscriptions[kind] = made
        return Response(202, {"data": [made], "total": 1, "max_total_cost": 10, "total_cost": 0})

    async def _get_eventsub_subscriptions(self, request: Request, token: Token) -> Response:
        mine = [s for s in self.sessions if s.user_id == token.user_id]
        data = [made for session in mine for made in session.subscriptions.values()]
        told = {"data": data, "total": len(data), "total_cost": 0, "max_total_cost": 10}
        return Response(200, told | {"pagination": {}})

    async def _delete_eventsub_subscriptions(self, request: Request, token: Token) -> Response:
        for session in self.sessions:
            for kind, made in list(session.subscriptions.items()):
                if made["id"] == request.query["id"]:
                    del session.subscriptions[kind]
                    return Response(204)
        raise RefusalError(404, "subscription not found")

    async def until(self, condition, limit_s: float = 30.0) -> None:
        """Wait for something that a client is about to do."""
        async with asyncio.timeout(limit_s):
            while not condition():
                await asyncio.sleep(0.01)


NOTICES = (
    "sub",
    "resub",
    "sub_gift",
    "community_sub_gift",
    "gift_paid_upgrade",
    "prime_paid_upgrade",
    "pay_it_forward",
    "raid",
    "unraid",
    "announcement",
    "bits_badge_tier",
    "charity_donation",
    "shared_chat_sub",
    "shared_chat_raid",
)


def _known_path(path: str) -> str:
    """Also where test clients look: ``/mock/…``, ``/auth/…``, ``/eventsub/…`` (twitch-cli's)."""
    for theirs, ours in (
        ("/mock/", "/helix/"),
        ("/auth/", "/oauth2/"),
        ("/eventsub/", "/helix/eventsub/"),
    ):
        if path.startswith(theirs):
            return ours + path.removeprefix(theirs)
    return path


def _uuid() -> str:
    text = secrets.token_hex(16)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _now() -> str:
    nanos = time.time_ns()
    base = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(nanos // 10**9))
    return f"{base}.{nanos % 10**9:09d}Z"
