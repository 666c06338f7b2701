"""Servers that take what is sent to them: a mail server and a webhook on this machine."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@contextmanager
def mail_sink(unknown: str = "nobody") -> Iterator[tuple[int, list[str]]]:
    """The port of a mail server that knows no such recipient, and the messages it gets, as they came over the line."""
    received: list[str] = []

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 sink")
            while line := self.rfile.readline().decode().strip():
                if line.upper() == "DATA":
                    self.say("354 go on")
                    received.append(self.text())
                self.say("221 bye" if line.upper() == "QUIT" else self.answer(line))

        def answer(self, line: str) -> str:
            return "550 unknown" if unknown in line and line.upper().startswith("RCPT") else "250 ok"

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def text(self) -> str:
            lines = []
            while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                lines.append(line)
            return "\n".join(lines)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        yield from _served(server, (server.server_address[1], received))


@contextmanager
def webhook_sink(
    status: int = 200, answer: bytes = b"", elsewhere: str = ""
) -> Iterator[tuple[str, list[Any]]]:
    """The address of a webhook that answers so, and the JSON it gets. `elsewhere`: where it says that it has moved to."""
    received: list[Any] = []

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            if elsewhere:
                self.send_header("Location", elsewhere)
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Post) as server:
        yield from _served(server, (f"http://127.0.0.1:{server.server_address[1]}/hook", received))


@contextmanager
def other_service(says: bytes = b"") -> Iterator[int]:
    """The port of a service that answers everybody with the same bytes; with none it is silent until they hang up."""

    class Session(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1)
            self.request.sendall(says)
            while not says and self.request.recv(4096):
                pass

    with _Threading(("127.0.0.1", 0), Session) as server:
        yield from _served(server, server.server_address[1])


@contextmanager
def dripping_service(begin: bytes) -> Iterator[int]:
    """The port of a service that begins so, and goes on with a byte every moment without ever coming to an end."""

    class Session(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.request.sendall(begin)
                while True:
                    time.sleep(0.05)
                    self.request.sendall(b"a")

    with _Threading(("127.0.0.1", 0), Session) as server:
        yield from _served(server, server.server_address[1])


class _Threading(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


def _served(server: socketserver.BaseServer, given: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield given
    finally:
        server.shutdown()
        thread.join()
