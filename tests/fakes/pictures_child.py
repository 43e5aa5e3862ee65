"""A pictures process that misbehaves on order: ``python pictures_child.py MARKS MANNER``.

It writes a line into the file MARKS for each start. MANNER: ``good`` answers;
``dies-once`` ends at its first request ever; ``dies`` always ends; ``hangs`` never answers;
``odd`` answers with something else; ``babbles`` writes no frame at all.
"""

import sys
import time
from pathlib import Path

from hostdesk.broadcast.pictures_protocol import (
    Failed,
    Hash,
    Hashed,
    Paint,
    Painted,
    Unframer,
    pack,
    read_request,
)


def reply(request, manner):
    if manner == "odd":
        return Painted(request_id=request.request_id, path="", x=0, y=0, width=0, height=0)
    if isinstance(request, Hash) and request.screenshot:
        return Hashed(request_id=request.request_id, hash=len(request.screenshot), black=False)
    if isinstance(request, Paint):
        return Painted(
            request_id=request.request_id, path=request.path, x=1, y=2, width=3, height=4
        )
    return Failed(request_id=request.request_id, detail="cannot")


def main(marks, manner):
    starts = len(marks.read_text().splitlines()) if marks.exists() else 0
    with marks.open("a") as file:
        file.write("start\n")
    unframer = Unframer()
    while data := sys.stdin.buffer.read1(65536):
        for body in unframer.receive(data):
            if manner == "dies" or (manner == "dies-once" and starts == 0):
                return
            if manner == "hangs":
                time.sleep(600)
            frame = b"\xff" * 64 if manner == "babbles" else pack(reply(read_request(body), manner))
            sys.stdout.buffer.write(frame)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
