"""Push comments to hostdesk's inbox: python example.py TOKEN [PORT]. Needs nothing but Python."""
# ruff: noqa: T201

import json
import sys
import urllib.request

TOKEN, PORT = sys.argv[1], (sys.argv[2:] or ["8765"])[0]
# Without a proxy: the inbox is on this very machine.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def push(*items):
    """One batch; "source" names your program, "room" the live room."""
    batch = {"source": "example-py", "platform": "kick", "room": "demo", "items": items}
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/v1/comments")
    request.add_header("Authorization", f"Bearer {TOKEN}")
    with opener.open(request, json.dumps(batch).encode(), timeout=5) as answer:
        return json.load(answer)


print(push({"id": "1", "author_id": "42", "author_name": "小鹿", "text": "多少钱"}))
print(push())  # a sign of life: send one every 8 seconds while nobody speaks
