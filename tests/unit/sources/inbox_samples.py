"""Messages as programs push them, for tests and fuzzing."""

import json

GRAB_CHAT = (
    '{"Type": 1, "ProcessName": "chrome", "Data": "{\\"MsgId\\": 7310000000000000001, '
    '\\"Content\\": \\"hi\\", \\"RoomId\\": \\"1\\", \\"WebRoomId\\": \\"2\\", '
    '\\"User\\": {\\"Id\\": 9, \\"Nickname\\": \\"n\\"}}"}'
)
"""The sample of our fact sheet, made by hand."""


def grab(kind, as_text=True, **data):
    told = {"MsgId": 7310000000000000001, "Content": "", "RoomId": "1", "WebRoomId": "2",
            "User": {"Id": 9, "Nickname": "小鹿", "Level": 3, "PayLevel": 12},
            "Onwer": None}  # fmt: skip
    told |= data
    packed = json.dumps(told, ensure_ascii=False) if as_text else told
    return json.dumps({"Type": kind, "ProcessName": "chrome", "Data": packed}, ensure_ascii=False)


def wx_event(kind="comment", **told):
    event = {"decoded_type": kind, "content": "好看", "nickname": "阿伟", "msg_id": "m1",
             "msg_sub_type": "1", "msg_time": 1760000000000, "sec_openid": "s1",
             "decoded_openid": "d1", "seq": 5, "gift_num": 0, "gift_value": 0}  # fmt: skip
    return event | told


def wx_push(*events, **told):
    push = {"events": list(events), "host_info": {"finder_username": "v2_host", "wechat_uin": "1"},
            "live_info": {"live_id": "L1", "online_count": 3, "like_count": 4}}  # fmt: skip
    return json.dumps(push | told, ensure_ascii=False)


def script(kind, username="", content="", **data):
    return json.dumps(
        {"type": kind, "username": username, "content": content, "data": data}, ensure_ascii=False
    )


def batch(*items, **told):
    return json.dumps({"items": list(items), **told}, ensure_ascii=False)


VALID = [
    GRAB_CHAT,
    grab(5, GiftName="小心心", GiftCount=3, DiamondCount=1),
    wx_push(wx_event(), wx_event("gift", seq=6, gift_num=2, gift_value=20)),
    script("comment", "小鹿", "多少钱"),
    batch({"text": "多少钱", "comment_id": 2**60, "author_id": "a"}, source="x", room=1, batch=7),
    '{"kind":"status","state":"covered","source":"x"}',
    '{"token":"right","source":"x"}',
    '[{"text":"a"},{"kind":"gift","name":"b","count":"2"}]',
]
