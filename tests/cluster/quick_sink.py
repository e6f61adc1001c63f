"""A sink for measuring: a process of its own, one thread, so that no other thread's turn stands between a page and its time stamp."""
import fcntl
import json
import os
import select
import selectors
import signal
import socket
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PIPE_BYTES = 1 << 20  # what one pipe may hold without being root of the first namespace


class QuickSink:
    """Answers 200 at once. `taken()`: each page's first byte (time.monotonic()), the host it came from and its centre."""

    def __init__(self, address):
        listener = socket.create_server((address, 0), backlog=512)
        self.url = f"http://{address}:{listener.getsockname()[1]}/page"
        self.pages = []
        self.rest = b""
        self.reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.child = os.fork()
        if self.child == 0:
            try:
                os.close(self.reader)
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                serve(listener, writer)
            finally:
                os._exit(0)
        listener.close()
        os.close(writer)
        os.set_blocking(self.reader, False)

    def taken(self):
        try:
            while got := os.read(self.reader, PIPE_BYTES):
                *lines, self.rest = (self.rest + got).split(b"\n")
                self.pages += (dict(zip(("at", "host", "centre"), (float(at), host, centre)))
                               for at, host, centre in (line.decode().split(" ") for line in lines))
        except BlockingIOError:
            pass
        return self.pages

    def wait_for(self, wanted, within):
        """Pages, once `wanted(pages)` gives something that is true; False after `within` seconds."""
        end = time.monotonic() + within
        while not (got := wanted(self.taken())):
            left = end - time.monotonic()
            if left <= 0:
                return False
            select.select([self.reader], [], [], min(left, 0.05))
        return got

    def close(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.reader)


def serve(listener, writer):
    loop = selectors.DefaultSelector()
    listener.setblocking(False)
    loop.register(listener, selectors.EVENT_READ, None)
    while True:
        for key, _ in loop.select():
            if key.data is None:
                connection, peer = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.setblocking(False)
                loop.register(connection, selectors.EVENT_READ, [peer[0], b"", 0.0])
                continue
            at = time.monotonic()
            try:
                got = key.fileobj.recv(1 << 16)
            except OSError:
                got = b""
            if not got:
                loop.unregister(key.fileobj)
                key.fileobj.close()
                continue
            take(key.fileobj, key.data, got, at, writer)


def take(connection, state, got, at, writer):
    """`state`: the host, what is there of its request, and when that began."""
    if not state[1]:
        state[2] = at
    state[1] += got
    while (head := state[1].find(b"\r\n\r\n")) >= 0:
        length = next(int(line.split(b":")[1]) for line in state[1][:head].split(b"\r\n") if line.lower().startswith(b"content-length"))
        body, rest = state[1][head + 4:head + 4 + length], state[1][head + 4 + length:]
        if len(body) < length:
            return
        connection.send(ANSWER)
        os.write(writer, f"{state[2]} {state[0]} {json.loads(body)['scope']['centre']}\n".encode())
        state[1], state[2] = rest, at
