"""Three hosts in network namespaces: each with an etcd and a surged, behind one bridge; on this side of it the feeder and the sink.

A host is cut off by routes that lead nowhere, stopped by signals, and loses its power by kill -9 of everything on it.
"""
import base64
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import ssl
import urllib.error
import urllib.request

import zmq

from disk import Disk
from shell import run

NAMES = "abcde"


def why_not():
    """Why this cannot be run here; empty = it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for program in ("ip", "etcd", "openssl"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    try:
        run("ip", "netns", "add", f"sgprobe{os.getpid()}")
        run("ip", "netns", "del", f"sgprobe{os.getpid()}")
    except RuntimeError as failure:
        return str(failure)
    return ""


DAY = 86400


def faketime():
    """The library that gives a program another clock; None = it is not installed."""
    return next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)


def openssl(*arguments, now=-DAY):
    """As if it were `now` seconds later. A certificate is valid since yesterday: a host whose clock is an hour behind must take it."""
    library = faketime()
    run("openssl", *arguments, env={"LD_PRELOAD": library, "FAKETIME": f"{now:+d}"} if library else {})


class Sink:
    """Takes pages over HTTP and remembers when, from which host, and what."""

    def __init__(self, address):
        self.pages = []
        self.lock = threading.Lock()
        self.delay = 0.0
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                began = time.monotonic()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with sink.lock:
                    sink.pages.append({"at": began, "host": self.client_address[0], "body": body})
                time.sleep(sink.delay)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                try:
                    self.wfile.write(b"ok")
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                pass

        self.server = Server((address, 0), Handler)
        self.url = f"http://{address}:{self.server.server_address[1]}/page"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def taken(self, purpose=None):
        with self.lock:
            return [p for p in self.pages if purpose is None or p["body"].get("purpose") == purpose]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Feeder:
    """One message every `every` seconds to every host, by one PUSH socket each: a host that is away misses it."""

    def __init__(self, addresses, every=0.1):
        self.context = zmq.Context()
        self.sockets = {}
        self.muted = set()  # addresses that get nothing: the way between feeder and host is cut
        for address in addresses:
            socket = self.context.socket(zmq.PUSH)
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.SNDHWM, 200)
            socket.setsockopt(zmq.IMMEDIATE, 1)
            socket.setsockopt(zmq.RECONNECT_IVL, 50)
            socket.connect(f"tcp://{address}:5556")
            self.sockets[address] = socket
        self.values = {}  # (centre, queue) -> calls waiting
        self.every = every
        self.seq = 0
        self.epoch = int(time.time())
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping.wait(self.every):
            self.seq += 1
            queues = [{"centre": c, "queue": q, "m": {"calls_waiting": v}} for (c, q), v in dict(self.values).items()]
            text = json.dumps({"v": 1, "source": "acd", "epoch": self.epoch, "seq": self.seq, "ts": int(time.time() * 1000),
                               "queues": queues}).encode()
            for address, socket in self.sockets.items():
                if address in self.muted:
                    continue
                try:
                    socket.send(text, zmq.DONTWAIT)
                except zmq.Again:
                    pass

    def close(self):
        self.stopping.set()
        self.thread.join()
        self.context.destroy(linger=0)


class Terms:
    """Who owns the shard, as etcd says: asked every 20 ms, so a claim is seen at most that late (and not while etcd is silent)."""

    KEY = "/surged/test/0/term"

    def __init__(self, world):
        self.world = world
        self.seen = []  # (monotonic, address of the host, revision)
        self.stopping = threading.Event()
        self.tls = ssl.create_default_context(cafile=world.file("ca.pem"))
        self.tls.load_cert_chain(world.file("surged.pem"), world.file("surged.key"))
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        body = json.dumps({"key": base64.b64encode(self.KEY.encode()).decode()}).encode()
        while not self.stopping.wait(0.02):
            for host in self.world.hosts.values():
                try:
                    request = urllib.request.Request(f"https://{host.address}:2379/v3/kv/range", data=body)
                    with urllib.request.urlopen(request, timeout=0.5, context=self.tls) as answer:
                        kvs = json.loads(answer.read()).get("kvs", [])
                except (OSError, ValueError):
                    continue
                if kvs and (not self.seen or self.seen[-1][2] != kvs[0]["mod_revision"]):
                    owner = json.loads(base64.b64decode(kvs[0]["value"]))["host"]
                    self.seen.append((time.monotonic(), owner, kvs[0]["mod_revision"]))
                break

    def close(self):
        self.stopping.set()
        self.thread.join()


class Host:
    def __init__(self, world, name, address):
        self.world = world
        self.name = name
        self.address = address
        self.namespace = f"{world.tag}{name}"
        self.etcd = None
        self.surged = None
        self.disk = None
        self.folder = os.path.join(world.folder, name)
        self.store = os.path.join(self.folder, "surged.db")
        self.log = os.path.join(self.folder, "surged.log")
        os.makedirs(self.folder, exist_ok=True)

    def execute(self, *command, log, env=None):
        with open(log, "ab") as out:
            process = subprocess.Popen(["ip", "netns", "exec", self.namespace, *command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                       start_new_session=True, env={**os.environ, **(env or {})})
        self.world.processes.append(process)
        return process

    def start_etcd(self):
        world, url = self.world, lambda port: f"https://{self.address}:{port}"
        members = ",".join(f"{h.name}=https://{h.address}:2380" for h in world.hosts.values())
        cert = ["--cert-file", world.file(self.name + ".pem"), "--key-file", world.file(self.name + ".key"),
                "--client-cert-auth", "--trusted-ca-file", world.file("ca.pem"),
                "--peer-cert-file", world.file(self.name + ".pem"), "--peer-key-file", world.file(self.name + ".key"),
                "--peer-client-cert-auth", "--peer-trusted-ca-file", world.file("ca.pem")]
        self.etcd = self.execute("etcd", "--name", self.name, "--data-dir", os.path.join(self.folder, "etcd"),
                                 "--listen-client-urls", url(2379), "--advertise-client-urls", url(2379),
                                 "--listen-peer-urls", url(2380), "--initial-advertise-peer-urls", url(2380),
                                 "--initial-cluster", members, "--heartbeat-interval", "50", "--election-timeout", "500", "--pre-vote",
                                 "--logger", "zap", "--log-level", "error", *world.etcd_flags, *cert,
                                 log=os.path.join(self.folder, "etcd.log"))

    def start_proxy(self, port, seed, share):
        """Before this host's etcd, at `port`: loses the answers of that share of the commits (etcd_proxy.py)."""
        file, here = self.world.file, os.path.dirname(os.path.abspath(__file__))
        self.proxy_log = os.path.join(self.folder, "proxy.log")
        return self.execute(sys.executable, os.path.join(here, "etcd_proxy.py"), self.address, str(port), "2379", file(self.name + ".pem"),
                            file(self.name + ".key"), file("ca.pem"), file("surged.pem"), file("surged.key"), str(seed), str(share),
                            self.proxy_log, log=os.path.join(self.folder, "proxy.err"))

    def start(self, *extra, env=None):
        self.surged = self.execute(self.world.program, "--config", self.world.file("surged.toml"), "--store", self.store,
                                   "--host", self.address, *extra, log=self.log, env=env)

    def signal(self, number):
        self.surged.send_signal(number)

    def wait(self, within):
        try:
            return self.surged.wait(within)
        except subprocess.TimeoutExpired:
            return None

    def alive(self):
        return self.surged is not None and self.surged.poll() is None

    def freeze(self):
        """Nothing on it runs any more; power_off() ends it."""
        for process in (self.surged, self.etcd):
            process.send_signal(signal.SIGSTOP)

    def power_off(self):
        for process in (self.surged, self.etcd):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()

    def cut_from(self, others):
        for other in others:
            run("ip", "-n", self.namespace, "route", "add", "blackhole", f"{other.address}/32")

    def reach_again(self, others):
        for other in others:
            run("ip", "-n", self.namespace, "route", "del", "blackhole", f"{other.address}/32", check=False)

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def get(self, path, method="GET", body=None, timeout=3.0, follow=False):
        """(status, text, headers), or (0, why, {}) without an answer."""
        request = urllib.request.Request(f"https://{self.address}:9847{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": "Bearer " + self.world.token, "Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=self.world.tls),
                                             *([] if follow else [NoRedirect()]))
        try:
            with opener.open(request, timeout=timeout) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode(), dict(answer.headers)
        except (OSError, ssl.SSLError) as failure:
            return 0, str(failure), {}

    def first_event(self, after):
        """The first event that a reader is given who saw record `after` at another host: (id, name); one without an id has 0."""
        request = urllib.request.Request(f"https://{self.address}:9847/api/v1/events?after={after}",
                                         headers={"Authorization": "Bearer " + self.world.token})
        with urllib.request.urlopen(request, timeout=5, context=self.world.tls) as stream:
            found = {}
            while "data" not in found:
                name, _, value = stream.readline().decode().strip().partition(": ")
                found[name] = value
            return int(found.get("id", 0)), found.get("event", "")

    def owns(self):
        return self.alive() and self.get("/readyz", timeout=1)[0] == 200


class Alone(Host):
    """A host without [cluster] on the same network: what it calls for on the same samples and answers is what the others must call for."""

    def __init__(self, world, address):
        super().__init__(world, "s", address)
        self.sink = Sink(f"{world.net}.1")

    def configure(self, text):
        text = re.sub(r"^\[cluster\]$.*?(?=^\[)", "", text, flags=re.DOTALL | re.MULTILINE).replace(self.world.sink.url, self.sink.url)
        with open(self.world.file("alone.toml"), "w", encoding="utf-8") as out:
            out.write(text)

    def start(self, *extra, env=None):
        self.surged = self.execute(self.world.program, "--config", self.world.file("alone.toml"), "--store", self.store, *extra,
                                   log=self.log, env=env)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def ended_as_asked():
    """Whoever ends this program (a time limit, an operator) ends its hosts as well: SIGTERM runs every `finally` on its way out."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


class World:
    """`sink`: what takes the pages, made with the address that all hosts reach. `disks`: every host has a file system of its own (disk.py).
    `alone`: a host without [cluster] gets the same samples."""

    def __init__(self, program, config, count=3, etcd_flags=(), sink=Sink, disks=False, alone=False):
        self.program = program
        self.tag = f"sg{os.getpid() % 100000}"
        self.folder = tempfile.mkdtemp(prefix="surged-cluster-")
        self.net = f"10.{77 + os.getpid() // 250 % 100}.{os.getpid() % 250}"
        self.etcd_flags = etcd_flags
        self.hosts = {}
        self.alone = None
        self.processes = []  # every one that was started on a host: close() ends what is left of them
        self.bridge = self.tag
        self.sink = None
        self.feeder = None
        self.terms = None
        self.token = "test-token-0123456789abcdef0123456789abcdef"
        try:
            self._lay_network(count)
            self.sink = sink(f"{self.net}.1")
            if alone:
                self.alone = Alone(self, f"{self.net}.21")
                self._attach(self.alone)
            self._make_certificates()
            with open(self.file("tokens"), "w", encoding="utf-8") as out:
                out.write(f"admin {self.token}\n")
            os.chmod(self.file("tokens"), 0o600)
            with open(self.file("link.key"), "w", encoding="utf-8") as out:
                out.write("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n")
            os.chmod(self.file("link.key"), 0o600)
            with open(self.file("surged.toml"), "w", encoding="utf-8") as out:
                out.write(config(self))
            if alone:
                self.alone.configure(config(self))
            for host in self.hosts.values() if disks else ():
                host.disk = Disk(self.file(f"{host.name}.xfs"), host.folder)
            for host in self.hosts.values():
                host.start_etcd()
            self.feeder = Feeder([h.address for h in self.all_hosts()])
            self.tls = ssl.create_default_context(cafile=self.file("ca.pem"))
            self.terms = Terms(self)
        except BaseException:
            self.close()
            raise

    def file(self, name):
        return os.path.join(self.folder, name)

    def _lay_network(self, count):
        run("ip", "link", "add", self.bridge, "type", "bridge")
        run("ip", "addr", "add", f"{self.net}.1/24", "dev", self.bridge)
        run("ip", "link", "set", self.bridge, "up")
        for i in range(count):
            host = Host(self, NAMES[i], f"{self.net}.{i + 11}")
            self.hosts[host.name] = host
            self._attach(host)

    def _attach(self, host):
        run("ip", "netns", "add", host.namespace)
        outer = f"{self.tag}{host.name}"
        run("ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
        run("ip", "link", "set", outer, "master", self.bridge, "up")
        run("ip", "-n", host.namespace, "link", "set", "lo", "up")
        run("ip", "-n", host.namespace, "addr", "add", f"{host.address}/24", "dev", "eth0")
        run("ip", "-n", host.namespace, "link", "set", "eth0", "up")

    def all_hosts(self):
        return [*self.hosts.values(), *([self.alone] if self.alone else [])]

    def _make_certificates(self):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.file("ca.key"),
                "-out", self.file("ca.pem"), "-subj", "/CN=surged test", "-days", "30")
        for host in self.hosts.values():
            self.certify(host.name, [host.address])
        # One certificate of every host for surged, so that the text of the configuration is the same everywhere.
        self.certify("surged", [h.address for h in self.all_hosts()])

    def certify(self, name, addresses, seconds=None):
        """A key and a certificate, NAME.key and NAME.pem, in place of those that are there. `seconds`: it ends so long from now."""
        with open(self.file("ext"), "w", encoding="utf-8") as out:
            out.write("subjectAltName=" + ",".join(f"IP:{a}" for a in addresses) + "\nextendedKeyUsage=serverAuth,clientAuth\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.file(name + ".key"),
                "-out", self.file("csr"), "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", self.file("csr"), "-CA", self.file("ca.pem"), "-CAkey", self.file("ca.key"), "-CAcreateserial",
                "-out", self.file(name + ".pem"), "-days", "30" if seconds is None else "1", "-extfile", self.file("ext"),
                now=-DAY if seconds is None else seconds - DAY)

    def etcdctl(self, *arguments, host="a", text=None):
        address = self.hosts[host].address
        return run("ip", "netns", "exec", self.hosts[host].namespace, "env", "ETCDCTL_API=3", "etcdctl", "--endpoints",
                   f"https://{address}:2379", "--cacert", self.file("ca.pem"), "--cert", self.file("surged.pem"), "--key",
                   self.file("surged.key"), *arguments, text=text)

    def others(self, host):
        return [h for h in self.hosts.values() if h is not host]

    def owner(self, within=15.0, but=None):
        """The host that owns the shard, once exactly one does."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            owners = [h for h in self.hosts.values() if h is not but and h.owns()]
            if len(owners) == 1:
                return owners[0]
            time.sleep(0.05)
        raise AssertionError("nobody owns the shard; the logs' last lines: " +
                             " | ".join(f"{h.name}: {h.text()[-600:]}" for h in self.hosts.values() if os.path.exists(h.log)))

    def etcd_leader(self):
        for host in self.hosts.values():
            if host.etcd.poll() is None:
                try:
                    status = json.loads(self.etcdctl("endpoint", "status", "-w", "json", host=host.name))[0]["Status"]
                except (RuntimeError, ValueError):
                    continue
                if status["leader"] == status["header"]["member_id"]:
                    return host
        raise AssertionError("etcd has no leader")

    def members_differ(self):
        """(f) etcd's own check: every member that lives has the same keys at one revision."""
        alive = [h for h in self.hosts.values() if h.etcd.poll() is None]
        if len(alive) < 2:
            return []
        revision = json.loads(self.etcdctl("endpoint", "status", "-w", "json", host=alive[0].name))[0]["Status"]["header"]["revision"]
        hashes = {}
        for host in alive:
            text = self.etcdctl("endpoint", "hashkv", f"--rev={revision}", "-w", "json", host=host.name)
            hashes[host.name] = json.loads(text)[0]["HashKV"]["hash"]
        return [] if len(set(hashes.values())) == 1 else [f"etcd's members differ: {hashes}"]

    def close(self):
        if self.terms is not None:
            self.terms.close()
        if self.feeder is not None:
            self.feeder.close()
        for sink in [self.sink, *([self.alone.sink] if self.alone else [])]:
            if sink is not None:
                sink.close()
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        for host in self.all_hosts():
            if host.disk is not None:
                host.disk.remove()
            run("ip", "netns", "del", host.namespace, check=False)
            run("ip", "link", "del", f"{self.tag}{host.name}", check=False)
        run("ip", "link", "del", self.bridge, check=False)
        if not os.environ.get("SURGED_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print("kept:", self.folder, file=sys.stderr)


def until(done, within=10.0, every=0.02):
    """Waits for it; what it gave, or False."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        got = done()
        if got:
            return got
        time.sleep(every)
    return False
