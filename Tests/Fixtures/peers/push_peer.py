"""APNs and FCM on hypercorn, HTTP/2 by ALPN, for one test: push_peer.py CERTIFICATE KEY.

Says `ready PORT`, then one line of JSON for each request. The first three letters of the device token choose the answer. Sources: Apple,
"Handling notification responses from APNs"; Google, "ErrorCode" of FCM HTTP v1.
"""
import asyncio
import json
import socket
import sys
import time

from hypercorn.asyncio import serve
from hypercorn.config import Config

APNS = {"bad": (400, "BadDeviceToken"), "bea": (403, "ExpiredProviderToken"), "dea": (410, "Unregistered"),
        "fee": (429, "TooManyRequests"), "dad": (503, "ServiceUnavailable")}
FCM = {"gon": (404, "NOT_FOUND", "UNREGISTERED"), "fas": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
       "dow": (503, "UNAVAILABLE", "UNAVAILABLE")}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        print("ready", listener.getsockname()[1], flush=True)
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body, more = b"", True
    while more:
        part = await receive()
        body += part.get("body", b"")
        more = part.get("more_body", False)
    head = {name.decode(): value.decode() for name, value in scope["headers"]}
    print(json.dumps({"path": scope["path"], "version": scope["http_version"], "client": scope["client"][1], "headers": head,
                      "body": body.decode()}), flush=True)
    code, headers, answer = judge(scope["path"], head, body)
    data = json.dumps(answer).encode() if answer else b""
    await send({"type": "http.response.start", "status": code, "headers":
                headers + [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]})
    await send({"type": "http.response.body", "body": data})


def judge(path, head, body):
    if path == "/token":
        return 200, [], {"access_token": "peer-token", "expires_in": 3599, "token_type": "Bearer"}
    if path.startswith("/3/device/"):
        code, reason = APNS.get(path.rsplit("/", 1)[1][:3], (200, None))
        if not head.get("authorization", "").startswith("bearer "):
            code, reason = 403, "MissingProviderToken"
        answer = {"reason": reason} if reason else None
        if code == 410:
            answer["timestamp"] = int(time.time() * 1000)
        return code, [(b"apns-id", head["apns-id"].encode())], answer
    if head.get("authorization") != "Bearer peer-token":
        return 401, [], {"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "no token"}}
    code, status, fcm = FCM.get(json.loads(body)["message"]["token"][:3], (200, "", ""))
    if code == 200:
        return 200, [], {"name": "projects/demo/messages/0:1"}
    detail = {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": fcm}
    return code, [(b"retry-after", b"7")] if code >= 429 else [], {
        "error": {"code": code, "status": status, "message": fcm, "details": [detail]}}


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(100)
config = Config()
config.bind = [f"fd://{listener.fileno()}"]
config.certfile, config.keyfile = sys.argv[1], sys.argv[2]
config.alpn_protocols = ["h2", "http/1.1"]
config.errorlog = None
asyncio.run(serve(app, config))
