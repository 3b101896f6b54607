"""A proxy between a host and its server, which can lose a COMMIT or the answer to it."""

import contextlib
import re
import socket
import threading


class Proxy:
    """Passes everything on, unless it is armed.

    Armed with "answer", it drops the connection instead of passing on the answer to a COMMIT; armed with "question",
    instead of passing on the COMMIT itself.
    """

    def __init__(self, url: str) -> None:
        host, port = re.search(r"@([^:/]+):(\d+)", url).groups()  # type: ignore[union-attr]
        self.server = host, int(port)
        self.armed: str | None = None
        self.lost = ""
        self.directions: list[bool] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = re.sub(r"@[^/]+", f"@127.0.0.1:{self.listener.getsockname()[1]}", url)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        try:
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.server)
                for source, sink in [(client, server), (server, client)]:
                    threading.Thread(target=self.pump, args=(source, sink, source is server), daemon=True).start()
        except OSError:
            pass  # closed at the end of the test

    def pump(self, source: socket.socket, sink: socket.socket, from_server: bool) -> None:
        try:
            while data := source.recv(1 << 16):
                if self.directions[-1:] != [from_server]:
                    self.directions.append(from_server)
                # A zero byte follows COMMIT in the server's answer; in a statement, a semicolon may stand before it.
                if self.armed == ("answer" if from_server else "question") and re.search(rb"COMMIT;?\0", data):
                    self.lost, self.armed = self.armed, None
                    break
                if from_server and b"ROLLBACK\0" in data:
                    self.armed = None
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
