"""Go the whole way with twitchAPI, and print each thing it tells. For test_twitch_login.py.

argv: folder of the client, address of the server, client id, login of the channel. First line:
the code to type. Then it reads, speaks and moderates; the last line is "done".
"""

import asyncio
import json
import sys

sys.path.insert(0, sys.argv[1])
url, client_id, channel = sys.argv[2:5]

from twitchAPI.eventsub.websocket import EventSubWebsocket  # noqa: E402
from twitchAPI.oauth import CodeFlow  # noqa: E402
from twitchAPI.twitch import Twitch  # noqa: E402
from twitchAPI.type import AuthScope  # noqa: E402

SCOPES = [
    AuthScope.USER_READ_CHAT,
    AuthScope.USER_WRITE_CHAT,
    AuthScope.MODERATOR_MANAGE_ANNOUNCEMENTS,
    AuthScope.MODERATOR_MANAGE_BANNED_USERS,
    AuthScope.MODERATOR_MANAGE_CHAT_MESSAGES,
    AuthScope.MODERATOR_MANAGE_SHIELD_MODE,
]


def tell(*told):
    print(json.dumps(told, ensure_ascii=False), flush=True)


async def heard_message(data):
    event = data.event
    tell("message", event.message_id, event.chatter_user_id, event.message.text,
         [badge.set_id for badge in event.badges])  # fmt: skip


async def heard_notice(data):
    tell("notice", data.event.notice_type, data.event.message.text)


async def heard_delete(data):
    tell("deleted", data.event.message_id, data.event.target_user_id)


async def heard_clear_user(data):
    tell("cleared", data.event.target_user_id)


async def heard_clear(data):
    tell("wiped", data.event.broadcaster_user_id)


async def main():
    twitch = await Twitch(
        client_id,
        authenticate_app=False,
        base_url=f"{url}/helix/",
        auth_base_url=f"{url}/oauth2/",
    )
    flow = CodeFlow(twitch, SCOPES, auth_base_url=f"{url}/oauth2/")
    code, page = await flow.get_code()
    tell("code", code, page)
    token, _ = await flow.wait_for_auth_complete()
    twitch.auto_refresh_auth = False
    await twitch.set_user_authentication(token, SCOPES, validate=True)
    [me] = [user async for user in twitch.get_users()]
    [room] = [user async for user in twitch.get_users(logins=[channel])]
    assert me.id == room.id

    sub = EventSubWebsocket(
        twitch,
        connection_url=f"{url.replace('http', 'ws')}/ws",
        subscription_url=f"{url}/helix/",
    )
    sub.start()
    who = room.id, me.id
    await sub.listen_channel_chat_message(*who, heard_message)
    await sub.listen_channel_chat_notification(*who, heard_notice)
    await sub.listen_channel_chat_message_delete(*who, heard_delete)
    await sub.listen_channel_chat_clear_user_messages(*who, heard_clear_user)
    await sub.listen_channel_chat_clear(*who, heard_clear)

    sent = await twitch.send_chat_message(*who, "来自 twitchAPI")
    tell("sent", sent.is_sent, sent.message_id)
    await twitch.send_chat_announcement(*who, "公告", "blue")
    ban = await twitch.ban_user(*who, "3003", "刷屏", duration=60)
    tell("banned", ban.user_id)
    tell("unbanned", await twitch.unban_user(*who, "3003"))
    tell("shield", (await twitch.update_shield_mode_status(*who, True)).is_active)
    tell("shield", (await twitch.get_shield_mode_status(*who)).is_active)
    tell("ready")
    while line := await asyncio.to_thread(sys.stdin.readline):
        command, _, argument = line.strip().partition(" ")
        if command == "delete":
            await twitch.delete_chat_message(*who, argument)
        elif command == "wipe":
            await twitch.delete_chat_message(*who)
        elif command == "again":
            dropped = await twitch.send_chat_message(*who, "再来一次")
            reason = dropped.drop_reason
            tell("dropped", dropped.is_sent, getattr(reason, "code", None) or reason["code"])
        elif command == "end":
            break
    await sub.stop()
    await twitch.close()
    tell("done")


asyncio.run(main())
