import base64
import hashlib
import hmac
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = base64.b64decode("{{ webhook_secret }}".removeprefix("whsec_"))


def is_ours(headers, body: bytes) -> bool:
    id, at, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not at.isdecimal() or abs(time.time() - int(at)) > 300:
        return False
    signed = hmac.new(KEY, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(signed)
    return any(hmac.compare_digest(expected, one.encode()) for one in given.split(" "))


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if is_ours(self.headers, body):
            event = json.loads(body)
            print(event["type"], event["data"].get("id"), flush=True)
            self.send_response(204)
        else:
            self.send_response(401)
        self.end_headers()


HTTPServer(("", {{ port }}), Receiver).serve_forever()
