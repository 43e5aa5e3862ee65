"""Servers for the bridge's tests: one that stands in for hostdesk's inbox and writes down what
comes, one that serves pages under the names of the platforms."""

import contextlib
import http.server
import json
import ssl
import subprocess
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PAGES = Path(__file__).parent / "pages"


class Served:
    """A server in a thread, on 127.0.0.1."""

    def __init__(self, handler, port=0, tls=None):
        server = type("Server", (http.server.ThreadingHTTPServer,), {"daemon_threads": True})
        self._server = server(("127.0.0.1", port), handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Quiet(http.server.BaseHTTPRequestHandler):
    """Ends quietly when a browser goes away."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle(self):
        with contextlib.suppress(OSError):
            super().handle()

    def say(self, status, body=b"{}", kind="application/json", headers=()):
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", len(body)), *headers):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)


class Recorder:
    """Takes what the bridge posts, as the inbox would; `down` and `up`: hostdesk away and back."""

    def __init__(self, token):
        self.token = token
        self.items, self.heads, self.refused = [], [], 0
        self.answer = 200
        self._lock = threading.Lock()
        self._served = None
        self.port = 0
        self.up()

    def up(self):
        self._served = Served(self._handler(), self.port)
        self.port = self._served.port

    def down(self):
        served, self._served = self._served, None
        if served is not None:
            served.stop()

    def comments(self, room=None):
        """Each comment once, by its id, in the order in which they came first."""
        known = {}
        for item in list(self.items):
            if item["kind"] == "comment" and room in (None, item["_room"]):
                known.setdefault(item["comment_id"], f"{item['author_name']}|{item['text']}")
        return list(known.values())

    def states(self, room=None):
        return [
            item["state"]
            for item in list(self.items)
            if item["kind"] == "status" and room in (None, item["_room"])
        ]

    def details(self):
        return [item["detail"] for item in list(self.items) if item["kind"] == "status"]

    def reasons(self):
        return [item.get("reason") for item in list(self.items) if item["kind"] == "status"]

    def _take(self, head, body):
        with self._lock:
            self.heads.append(head)
            if head.get("Authorization") != f"Bearer {self.token}":
                self.refused += 1
                return 401
            if self.answer == 200:
                batch = json.loads(body)
                self.items += [{**item, "_room": batch["room"]} for item in batch["items"]]
            return self.answer

    def _handler(self):
        recorder = self

        class Handler(Quiet):
            def parse_request(self):
                # Connections that were kept open hear nothing more either.
                if recorder._served is None:
                    self.close_connection = True
                    return False
                return super().parse_request()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.say(recorder._take(dict(self.headers), body))

            def do_GET(self):
                right = self.headers.get("Authorization") == f"Bearer {recorder.token}"
                self.say(200 if right else 401)

        return Handler


class Platforms:
    """`https://any.platform/path?page=NAME` serves `pages/NAME.html`; notes what was asked for."""

    def __init__(self, folder):
        self.asked = []
        self._served = Served(self._handler(), tls=_own_certificate(folder))
        self._plain = Served(self._handler())
        self.port, self.plain_port = self._served.port, self._plain.port

    def stop(self):
        self._served.stop()
        self._plain.stop()

    def _handler(self):
        platforms = self

        class Handler(Quiet):
            def do_GET(self):
                target = urlsplit(self.path)
                platforms.asked.append((self.headers["Host"], target.path))
                name = parse_qs(target.query).get("page", [""])[0]
                file = PAGES / (f"{name}.html" if name else Path(target.path).name)
                if not file.is_file() or file.parent != PAGES:
                    return self.say(404)
                kind = "text/javascript" if file.suffix == ".js" else "text/html; charset=utf-8"
                return self.say(200, file.read_bytes(), kind)

        return Handler


def _own_certificate(folder):
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
