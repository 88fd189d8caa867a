"""An SMS gateway on loopback in a process of its own: notes when each request arrived, answers those it likes and leaves the others hanging.

    gateway.py PORT FILE [PREFIX]    requests for numbers that begin with PREFIX are never answered

One line of FILE for each request that arrived whole: nanoseconds of CLOCK_MONOTONIC, number, whether it was answered, idempotency key. Says `ready`.
"""
import asyncio
import json
import re
import sys
import time

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
KEY = re.compile(rb"(?i)\r\nidempotency-key: *([^\r]*)")


async def serve(reader, writer, book, prefix):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            body = json.loads(await reader.readexactly(int(LENGTH.search(head)[1])))
            at, key = time.monotonic_ns(), KEY.search(head)[1].decode()
            hangs = bool(prefix) and body["to"].startswith(prefix)
            book.write(f"{at} {body['to']} {'hangs' if hangs else 'answered'} {key}\n")
            book.flush()
            if hangs:
                await reader.read()
                return
            answer = json.dumps({"id": f"m-{at}"}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main(port, path, prefix=""):
    with open(path, "a", encoding="utf-8") as book:
        server = await asyncio.start_server(lambda r, w: serve(r, w, book, prefix), "127.0.0.1", int(port), backlog=1024)
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
