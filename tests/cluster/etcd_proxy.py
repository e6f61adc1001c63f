#!/usr/bin/python3
"""Stands between surged and one member of etcd and loses answers: the request is passed on, etcd's answer is read, and the connection ends.

  etcd_proxy.py ADDRESS LISTEN_PORT ETCD_PORT CERT KEY CA CLIENT_CERT CLIENT_KEY SEED SHARE LOG

SHARE of the commits (requests that write `head`: appends, pulses, claims) lose their answer. LOG gets a line for each commit: "lost" or
"passed", and what etcd had said ("done" or "refused").
"""
import base64
import http.client
import json
import random
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def writes_head(body):
    """A commit puts the key `.../head`; everything else only reads, or tells of a host."""
    try:
        operations = json.loads(body).get("success", [])
    except ValueError:
        return False
    puts = [o["request_put"]["key"] for o in operations if "request_put" in o]
    return any(base64.b64decode(key).endswith(b"/head") for key in puts)


class Proxy:
    def __init__(self, address, port, client, seed, share, log):
        self.address, self.port, self.client = address, port, client
        self.random, self.share = random.Random(seed), share
        self.log = open(log, "a", encoding="utf-8")
        self.lock = threading.Lock()

    def forward(self, path, body):
        connection = http.client.HTTPSConnection(self.address, self.port, timeout=5, context=self.client)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def loses(self, answer):
        """Decides about a commit that etcd has answered, and writes it down."""
        with self.lock:
            lost = self.random.random() < self.share
            self.log.write(f"{'lost' if lost else 'passed'} {'done' if json.loads(answer).get('succeeded') else 'refused'}\n")
            self.log.flush()
            return lost


def handler(proxy):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                status, answer = proxy.forward(self.path, body)
            except (OSError, http.client.HTTPException):
                self.close_connection = True
                return
            if status == 200 and writes_head(body) and proxy.loses(answer):
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


def main():
    address, listen, port, cert, key, ca, client_cert, client_key, seed, share, log = sys.argv[1:]
    client = ssl.create_default_context(cafile=ca)
    client.load_cert_chain(client_cert, client_key)
    proxy = Proxy(address, int(port), client, int(seed), float(share), log)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    tls.load_verify_locations(ca)
    tls.verify_mode = ssl.CERT_REQUIRED
    server = Server((address, int(listen)), handler(proxy))
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main()
