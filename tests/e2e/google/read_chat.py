"""Read a chat with Google's own client, and print what it read. For test_youtube_fake.py.

argv: folder of the client, root of the API, key, video, how many messages to read.
"""

import json
import sys
import time

sys.path.insert(0, sys.argv[1])
root, key, video, wanted = sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])

from googleapiclient.discovery import build  # noqa: E402

api = build(
    "youtube", "v3", developerKey=key, static_discovery=True, client_options={"api_endpoint": root}
)
found = api.videos().list(part="snippet,liveStreamingDetails", id=video).execute()["items"][0]
chat = found["liveStreamingDetails"]["activeLiveChatId"]
read, token = [], None
while len(read) < wanted:
    page = (
        api.liveChatMessages()
        .list(liveChatId=chat, part="id,snippet,authorDetails", maxResults=200, pageToken=token)
        .execute()
    )
    read += [[i["id"], i.get("authorDetails", {}).get("displayName", ""),
              i["snippet"].get("displayMessage", "")] for i in page["items"]]  # fmt: skip
    token = page["nextPageToken"]
    time.sleep(page["pollingIntervalMillis"] / 1000)
print(json.dumps([found["snippet"]["channelTitle"], read]))
