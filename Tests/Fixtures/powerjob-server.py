"""A PowerJob server as far as a worker sees one, for tests that need it in a process of its own.

Prints its web port and its remote port. Beside the protocol it answers GET /calls on the web port: everything that came so far,
as JSON. Ends with its input.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

calls = []
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/calls":
            with lock:
                return self.answer(calls)
        self.note(url.path, parse_qs(url.query))
        found = {
            "/server/assert": 12,
            "/server/acquire": "127.0.0.1:%d" % remote.server_port,
            "/server/hello": {"serverInfo": {"version": "5.1.0"}, "serverTimeTs": int(time.time() * 1000)},
        }
        if url.path not in found:
            return self.send_error(404)
        self.answer({"success": True, "data": found[url.path], "message": None})

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.note(self.path, message)
        is_final = self.path == "/server/reportInstanceStatus" and message["instanceStatus"] != 3
        self.answer({"success": True} if is_final else None)

    def note(self, path, message):
        with lock:
            calls.append({"path": path, "message": message})

    def answer(self, value):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
remote = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
for server in (web, remote):
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(web.server_port, remote.server_port, flush=True)
sys.stdin.read()
