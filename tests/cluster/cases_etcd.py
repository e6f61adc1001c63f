"""C8, the part where every member of etcd runs: it has no room left, or takes the hosts' certificates no more."""
import json
import ssl
import time
import urllib.request

from cases import PREFIX, Case, leads_of, surge_and_answer
from judge import records_of
from world import faketime, until

ALONE_AFTER = 4.0
QUOTA = 16 << 20


def alone_and_back(case, options, owner, since, mend):
    """etcd takes nothing since `since`: the owner goes on alone, labelled, nobody claims. mend(): what the owner kept is appended."""
    before, terms = len(case.world.sink.taken()), len(case.world.terms.seen)
    case.surge("qingdao")
    case.await_called("qingdao", ALONE_AFTER + 10)
    took = time.monotonic() - since
    time.sleep(ALONE_AFTER)  # time enough for somebody to claim, and for the next tier
    alone = case.world.sink.taken()[before:]
    assert ALONE_AFTER - 1 <= took <= ALONE_AFTER + 3 + options.slack, f"pages left after {took:.1f} s"
    assert all(p["body"]["repeat"] for p in alone), "a page without the label left while etcd took nothing"
    assert all(p["host"] == owner.address for p in alone), f"pages came from {sorted({p['host'] for p in alone})}"
    assert "event=alone" in owner.text(), "the owner does not say that it is alone"
    copy = case.world.others(owner)[0].store
    assert not there(alone, copy), "it was in etcd: nothing was refused"
    mend()
    assert until(lambda: "event=etcd_answers" in owner.text(), 20), "the owner does not see etcd again"
    case.surge("yantai")
    case.await_called("yantai", 5)
    assert not [p for p in case.world.sink.taken() if p["body"]["scope"]["centre"] == "yantai" and p["body"]["repeat"]]
    assert until(lambda: there(alone, copy) == keys(alone), 5), f"not in the log: {keys(alone) - there(alone, copy)}"
    assert case.world.owner(5) is owner
    assert len(case.world.terms.seen) == terms, f"somebody claimed: {case.world.terms.seen}"
    case.join("qingdao", "qingdao-lead-1")
    case.await_followers()
    case.judge(leads_of("jinan", "qingdao", "yantai"), takeovers=1, late=ALONE_AFTER + 4)
    return took, len(alone)


def keys(pages):
    return {p["body"]["page"] for p in pages}


def there(pages, store):
    """Of these pages those that a copy of the log knows."""
    known = {json.loads(text).get("page") for kind, text in records_of(store).values() if kind.startswith("page.")}
    return keys(pages) & known


def fill(world):
    """Until etcd refuses; how many MiB went in."""
    for number in range(2 * QUOTA >> 20):
        try:
            world.etcdctl("put", f"/ballast/{number}", text="x" * (1 << 20))
        except RuntimeError as failure:
            assert "database space exceeded" in str(failure), failure
            return number
    raise AssertionError("etcd takes more than its quota")


def c8_full(options):
    """etcd is full (NOSPACE): reads answer, nobody claims; the owner goes on alone after alone_after. There is room again: it is appended."""
    with Case(options, etcd_flags=("--quota-backend-bytes", str(QUOTA)), alone_after=f"{ALONE_AFTER:.0f}s") as case:
        owner = case.start_all()
        surge_and_answer(case)
        mebibytes = fill(case.world)
        full = time.monotonic()
        assert "NOSPACE" in case.world.etcdctl("alarm", "list")
        assert case.world.etcdctl("get", PREFIX + "head"), "etcd does not answer reads"

        def make_room():
            case.world.etcdctl("del", "--prefix", "/ballast/")
            head = case.world.etcdctl("get", PREFIX + "head", "-w", "fields")
            revision = next(line.split(":")[1].strip() for line in head.splitlines() if line.startswith('"Revision"'))
            case.world.etcdctl("compact", revision)
            for name in case.world.hosts:
                case.world.etcdctl("defrag", host=name)
            case.world.etcdctl("alarm", "disarm")

        took, pages = alone_and_back(case, options, owner, full, make_room)
        return f"full after {mebibytes} MiB; pages left {took:.1f} s later, {pages} labelled; everything was appended when there was room"


def c8_expired(options):
    """The hosts' certificate for etcd expires: whoever must connect anew is refused; the owner goes on alone after alone_after, nobody
    claims. With a new certificate in the same files, everything is appended without a restart."""
    if faketime() is None:
        return "SKIPPED: libfaketime is not installed"
    with Case(options, alone_after=f"{ALONE_AFTER:.0f}s", etcd_cert="client") as case:
        lasts = 20 + 4 * options.slack
        case.world.certify("client", [h.address for h in case.world.hosts.values()], round(lasts))
        expires = time.time() + lasts
        owner = case.start_all()
        surge_and_answer(case)
        assert time.time() < expires, "the certificate ended before the case was there"
        time.sleep(expires - time.time() + 2)
        # A connection that stands goes on until its member is restarted.
        refused = time.monotonic()
        for host in case.world.hosts.values():
            host.etcd.kill()
            host.etcd.wait()
        for host in case.world.hosts.values():
            host.start_etcd()
        for host in case.world.hosts.values():
            assert until(lambda: healthy(case.world, host), 10), f"the member of {host.name} does not come back"

        def new_one():
            assert "certificate" in refusal(case.world, "client"), f"the member says: {refusal(case.world, 'client')!r}"
            for host in case.world.hosts.values():  # the first reason of an outage is another: nobody listens, no answer in time
                told = [line for line in host.text().splitlines() if "cluster_trouble" in line]
                assert host is owner or any("certificate" in line for line in told), f"{host.name} never says that its certificate is refused: {told}"
            case.world.certify("client", [h.address for h in case.world.hosts.values()])

        took, pages = alone_and_back(case, options, owner, refused, new_one)
        return f"pages left {took:.1f} s after the members were restarted, {pages} labelled; everything was appended with the new one"


def refusal(world, cert, port=2379):
    """Why whoever has that certificate gets no answer from a member at that port; empty = it gets one."""
    try:
        tls = ssl.create_default_context(cafile=world.file("ca.pem"))
        tls.load_cert_chain(world.file(cert + ".pem"), world.file(cert + ".key"))
        with urllib.request.urlopen(f"https://{world.hosts['a'].address}:{port}/version", timeout=3, context=tls) as answer:
            answer.read()
    except OSError as failure:
        return str(failure)
    return ""


def healthy(world, host):
    """The member answers, and it knows a leader."""
    try:
        return json.loads(world.etcdctl("endpoint", "status", "-w", "json", host=host.name))[0]["Status"].get("leader", 0) != 0
    except (RuntimeError, ValueError):
        return False


def c8_members_expired(options):
    """The members' own certificates expire: once they are restarted none takes another and there is no quorum; the owner goes on
    alone after alone_after. With new certificates in the same files the members come back without another restart, and all is appended."""
    if faketime() is None:
        return "SKIPPED: libfaketime is not installed"
    with Case(options, alone_after=f"{ALONE_AFTER:.0f}s") as case:
        lasts = 20 + 4 * options.slack
        hosts = case.world.hosts.values()

        def certify(seconds=None):
            for host in hosts:
                case.world.certify(host.name, [host.address], seconds)
        certify(round(lasts))
        expires = time.time() + lasts
        owner = case.start_all()
        surge_and_answer(case)
        assert time.time() < expires, "the certificates ended before the case was there"
        time.sleep(expires - time.time() + 2)
        lost = time.monotonic()
        for host in hosts:
            host.etcd.kill()
            host.etcd.wait()
        for host in hosts:
            host.start_etcd()

        def new_ones():
            # Without a quorum a member does not serve hosts at all; the port for the other members tells.
            assert "expired" in refusal(case.world, "surged", 2380), f"another member is told {refusal(case.world, 'surged', 2380)!r}"
            certify()

        took, pages = alone_and_back(case, options, owner, lost, new_ones)
        return f"pages left {took:.1f} s after the members were restarted, {pages} labelled; everything was appended with the new ones"


ALL = {"c8_full": c8_full, "c8_expired": c8_expired, "c8_members_expired": c8_members_expired}
