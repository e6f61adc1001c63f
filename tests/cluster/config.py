"""The configuration that every host of a test has: one text."""

CENTRES = ["jinan", "qingdao", "yantai"]


def people():
    out = []
    for centre in CENTRES:
        for role, count in (("lead", 3), ("sup", 2)):
            for i in range(1, count + 1):
                out.append((f"{centre}-{role}-{i}", centre, role))
    return out


def config(world, takeover="2s", alone_after="10s", tier_wait="8s", resolve_hold="1s", timeout="2s", stale_after="5m",
           etcd_port=2379, etcd_cert="surged"):
    etcd = ", ".join(f'"https://{h.address}:{etcd_port}"' for h in world.hosts.values())
    text = f"""
[ingest]
bind = ["tcp://0.0.0.0:5556"]
allow_unauthenticated = true
[metrics]
listen = "0.0.0.0:9846"
allow_unauthenticated = true
[http]
listen = "0.0.0.0:9847"
token_file = "tokens"
tls_cert = "surged.pem"
tls_key = "surged.key"
link_key_file = "link.key"
[store]
path = "surged.db"
snapshot_every = "2s"
[history]
keep = "off"
[cluster]
name = "test"
shard = "0"
etcd = [{etcd}]
ca_file = "ca.pem"
cert_file = "{etcd_cert}.pem"
key_file = "{etcd_cert}.key"
url = "https://{{host}}:9847"
takeover = "{takeover}"
alone_after = "{alone_after}"
[defaults]
timezone = "Asia/Shanghai"
language = "en"
stale_after = "{stale_after}"
[[channel]]
id = "hook"
type = "webhook"
timeout = "{timeout}"
url = "{world.sink.url}"
"""
    for centre in CENTRES:
        text += f"""[[rule]]
id = "waiting-{centre}"
kind = "threshold"
metric = "calls_waiting"
scope = {{ centre = "{centre}" }}
policy = "surge-{centre}"
yellow = {{ raise = "> 10", clear = "< 5", raise_after = "0s", clear_after = "0s" }}
[[policy]]
id = "surge-{centre}"
scope = ["centre"]
need = 2
fallback = ["boss"]
resolve_hold = "{resolve_hold}"
reopen_window = "1m"
"""
        for tier in ("lead", "sup"):
            text += f'[[policy.tier]]\nid = "{tier}"\nrosters = ["{centre}-{tier}"]\nwait = "{tier_wait}"\n'
        text += f'[[policy.tier]]\nid = "management"\nrosters = ["bosses"]\nwait = "{tier_wait}"\n'
    for person, _, _ in people() + [("boss", "", "")]:
        text += f'[[person]]\nid = "{person}"\nname = "{person}"\nreach = {{ normal = [{{ via = "hook" }}] }}\n'
    for centre in CENTRES:
        for tier in ("lead", "sup"):
            members = ", ".join(f'"{p}"' for p, c, r in people() if c == centre and r == tier)
            text += f'[[roster]]\nid = "{centre}-{tier}"\nshift = [{{ people = [{members}] }}]\n'
    text += '[[roster]]\nid = "bosses"\nshift = [{ people = ["boss"] }]\n'
    return text


def measured_config(world, cluster=True, port=5556, shard="0"):
    """For measuring: one rule for every centre, three leads, and an incident that stays open. `port`: of [ingest]; the others follow it."""
    etcd = ", ".join(f'"https://{h.address}:2379"' for h in world.hosts.values())
    http, metrics = (9847, 9846) if port == 5556 else (port + 2000, port + 1000)
    text = f"""
[ingest]
bind = ["tcp://0.0.0.0:{port}"]
allow_unauthenticated = true
[metrics]
listen = "0.0.0.0:{metrics}"
allow_unauthenticated = true
[http]
listen = "0.0.0.0:{http}"
token_file = "tokens"
tls_cert = "surged.pem"
tls_key = "surged.key"
link_key_file = "link.key"
[store]
path = "surged.db"
[history]
keep = "off"
"""
    if cluster:
        text += f"""[cluster]
name = "test"
shard = "{shard}"
etcd = [{etcd}]
ca_file = "ca.pem"
cert_file = "surged.pem"
key_file = "surged.key"
url = "https://{{host}}:{http}"
"""
    text += f"""[defaults]
timezone = "Asia/Shanghai"
language = "en"
stale_after = "1h"
[[rule]]
id = "waiting"
kind = "threshold"
metric = "calls_waiting"
policy = "surge"
yellow = {{ raise = "> 10", clear = "< 5", raise_after = "0s", clear_after = "0s" }}
[[channel]]
id = "hook"
type = "webhook"
timeout = "10s"
url = "{world.sink.url}"
[[policy]]
id = "surge"
scope = ["centre"]
need = 2
fallback = ["lead-1"]
[[policy.tier]]
id = "leads"
rosters = ["leads"]
wait = "1h"
[[roster]]
id = "leads"
shift = [{{ people = ["lead-1", "lead-2", "lead-3"] }}]
"""
    for i in (1, 2, 3):
        text += f'[[person]]\nid = "lead-{i}"\nname = "lead-{i}"\nreach = {{ normal = [{{ via = "hook" }}] }}\n'
    return text
