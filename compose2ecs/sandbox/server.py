"""The sandbox over HTTP, on 127.0.0.1: for processes that are told its address.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from compose2ecs.sandbox.errors import Killed, LostAnswerError
from compose2ecs.sandbox.wire import Answer, Request

HOST = "127.0.0.1"


class Server:
    """A server in threads of this process; port 0 means any that is free."""

    def __init__(
        self,
        handle: Callable[[Request], Answer],
        port: int = 0,
        kill: Callable[[], None] | None = None,
    ) -> None:
        self._server = _Http((HOST, port), _Handler)
        self._server.handle = handle
        self._server.kill = kill or (lambda: None)
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port, and wait until nobody is being answered."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def kill_process(pid: int) -> None:
    """End a process as a crash does."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    handle: Callable[[Request], Answer]
    kill: Callable[[], None]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # header and body leave in one piece
    server: _Http

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        try:
            found = self.server.handle(request)
        except LostAnswerError:
            self.close_connection = True
            return
        except Killed:
            self.close_connection = True
            self.server.kill()
            return
        self.send_response(found.status)
        for name, value in found.headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        self.wfile.write(found.body)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the record of calls says it better."""
