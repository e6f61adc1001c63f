"""C1 to C15: what a host, an etcd, a network, a disk or a clock may do to three hosts, and what people must get all the same."""
import base64
import glob
import json
import os
import random
import re
import signal
import subprocess
import time

from config import CENTRES, config, measured_config, people
from disk import Disk, why_no_disks
from judge import confirmed_are_there, fenced, last_record, left_out, nobody_missed, once, records_of, same_logs
from world import World, until

TAKEOVER = 2.0
NEED = 2  # of every policy (config.py)
LEADS = {c: {p for p, centre, role in people() if centre == c and role == "lead"} for c in CENTRES}


class Case:
    """A world with all hosts at work, an owner, and a healthy feed."""

    def __init__(self, options, text=config, disks=False, etcd_flags=(), **settings):
        self.options = options
        self.random = random.Random(options.seed)
        self.world = World(options.program, lambda world: text(world, **settings), disks=disks, etcd_flags=etcd_flags, alone=text is config)
        self.answers = set()
        self.ends = []  # judge.left_out
        self.takeovers = 0
        for centre in CENTRES:
            self.world.feeder.values[(centre, "general")] = 1.0
        if self.world.alone:
            self.world.alone.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            for host in self.world.hosts.values():
                if os.path.exists(host.log):
                    print(f"--- {host.name}\n" + "\n".join(host.text().splitlines()[-25:]))
        self.world.close()

    def start_all(self, env=None):
        for host in self.world.hosts.values():
            host.start(env=env)
        self.owner = self.world.owner(30)
        self.await_followers()
        return self.owner

    def await_followers(self):
        def follow():
            for host in self.world.hosts.values():
                if host is not self.owner and host.alive():
                    status, text, _ = host.get("/readyz", timeout=1)
                    if status != 503 or '"standby"' not in text:
                        return False
            return True
        assert until(follow, 15), "a stand-by does not say that it stands by"
        time.sleep(1.0)

    def surge(self, centre):
        self.ends.append((time.monotonic(), centre, None, "close"))
        self.world.feeder.values[(centre, "general")] = 40.0

    def calm(self, centre):
        self.ends.append((time.monotonic(), centre, None, "call"))
        self.world.feeder.values[(centre, "general")] = 1.0

    def called(self, centre, people_=None):
        wanted = people_ or LEADS[centre]
        got = {p["person"] for page in self.world.sink.taken() for p in page["body"].get("people", [])
               if page["body"]["scope"].get("centre") == centre}
        return wanted <= got

    def await_called(self, centre, within):
        began = time.monotonic()
        assert until(lambda: self.called(centre), within), f"the leads of {centre} were not called within {within} s"
        return time.monotonic() - began

    def next_owner(self, before, within=20.0):
        owner = self.world.owner(within, but=before)
        self.owner = owner
        self.takeovers += 1
        return owner

    def join(self, centre, person, within=10.0, at=None):
        """Somebody answers, at whoever owns the shard (or `at` this host); remembered once confirmed. The single host gets the same answer."""
        assert until(lambda: any(self.answer(host, centre, person) for host in ([at] if at else self.world.hosts.values())), within, 0.1), \
            f"{person} could not answer"
        joined = {who for incident, who in self.answers if who in LEADS[centre]}
        self.ends.append((time.monotonic(), centre, None if len(joined) >= NEED else person, "call"))
        if self.world.alone:
            assert until(lambda: self.answer(self.world.alone, centre, person), 5, 0.1), f"{person} could not answer at the single host"

    def answer(self, host, centre, person):
        if not host.alive():
            return False
        status, text, _ = host.get("/api/v1/incidents", timeout=1)
        for incident in json.loads(text)["incidents"] if status == 200 else ():
            if incident["scope"].get("centre") == centre:
                done, _, _ = host.get(f"/api/v1/incidents/{incident['incident']}/join", "POST", {"person": person}, timeout=6)
                if done == 200 and host is not self.world.alone:
                    self.answers.add((incident["incident"], person))
                return done == 200
        return False

    def made_alone(self, late, closings):
        """(a) what the single host called for and these did not, once they had time for it."""
        def missing():
            alone = [page for page in self.world.alone.sink.taken() if closings or page["body"]["purpose"] != "close"]
            return left_out(alone, self.world.sink.taken(), self.ends, late)
        assert self.world.alone.sink.taken(), "the single host called for nothing: it is no reference"
        until(lambda: not missing(), late, 0.2)
        return missing()

    def judge(self, wanted=(), takeovers=None, slack=0.25, logs=True, late=TAKEOVER + 1, closings=True):
        """At the end: everybody calm, the copies caught up, then the reference. `late`: for how long nobody may have been at work.
        `closings`: the owner can see that it is over."""
        for centre in CENTRES:
            self.calm(centre)
        time.sleep(3.0)
        alone = self.made_alone(late + self.options.slack, closings) if self.world.alone else []
        pages = self.world.sink.taken()
        faults = alone + once(pages, self.takeovers if takeovers is None else takeovers)
        faults += nobody_missed(pages, set(wanted))
        faults += fenced(pages, self.world.terms.seen, slack)
        stores = {h.name: h.store for h in self.world.hosts.values() if h.alive()}
        if logs:
            until(lambda: not same_logs(stores), 10, 0.2)
            faults += same_logs(stores)
            faults += confirmed_are_there(self.answers, stores)
        faults += self.world.members_differ()
        assert not faults, "\n".join(faults)


def leads_of(*centres):
    return {(c, p) for c in centres for p in LEADS[c]}


def surge_and_answer(case):
    """One centre surges, its leads are called, one of them comes: the middle of a tier."""
    case.surge("jinan")
    case.await_called("jinan", 5)
    case.join("jinan", "jinan-lead-1")


def c1(options):
    """The owner is killed: another takes over within takeover + 0.5 s, goes on with the incident and calls for a new one."""
    with Case(options) as case:
        owner = case.start_all()
        surge_and_answer(case)
        time.sleep(case.random.uniform(0, 1.5))
        case.surge("qingdao")
        time.sleep(case.random.uniform(0, 0.3))
        owner.signal(signal.SIGKILL)
        killed = time.monotonic()
        case.surge("yantai")
        case.await_called("yantai", TAKEOVER + 4)
        took = time.monotonic() - killed
        case.next_owner(owner)
        case.await_called("qingdao", 5)
        case.join("qingdao", "qingdao-lead-1")
        owner.start()
        case.await_followers()
        case.judge(leads_of("jinan", "qingdao", "yantai"))
        limit = TAKEOVER + 0.5 + options.slack
        assert took <= limit, f"the first page of the new owner came after {took:.2f} s, the limit is {limit} s"
        return f"{took:.2f} s from the kill to the first page of the new owner"


def c1_storm(options):
    """The owner is killed while hundreds of incidents of one moment become durable: what it has not said, the next owner decides."""
    with Case(options, text=measured_config) as case:
        owner = case.start_all()
        storm = [f"s{i}" for i in range(300)]
        for centre in storm:
            case.world.feeder.values[(centre, "general")] = 40.0
        limit = case.random.randrange(1, 12 * len(storm))  # what is decided of them, before anybody is reached
        until(lambda: last_record(owner.store) > limit, 10, 0.002)
        owner.signal(signal.SIGKILL)
        records = last_record(owner.store)
        case.next_owner(owner)
        wanted = {(centre, f"lead-{i}") for centre in storm for i in (1, 2, 3)}
        until(lambda: not nobody_missed(case.world.sink.taken(), wanted), 20 + 20 * options.slack, 0.5)
        owner.start()
        case.await_followers()
        case.judge(wanted)
        return f"killed at record {records}; {len(case.world.sink.taken())} requests for {len(wanted)} pages"


def c2(options):
    """The owner's whole host is lost, and etcd's leader with it."""
    with Case(options) as case:
        owner = case.start_all()
        leader = case.world.etcd_leader()
        if leader is not owner:
            status = json.loads(case.world.etcdctl("endpoint", "status", "-w", "json", host=owner.name))[0]["Status"]
            case.world.etcdctl("move-leader", format(status["header"]["member_id"], "x"), host=leader.name)
            assert until(lambda: case.world.etcd_leader() is owner, 5)
        surge_and_answer(case)
        owner.power_off()
        killed = time.monotonic()
        case.surge("qingdao")
        case.await_called("qingdao", TAKEOVER + 6)
        took = time.monotonic() - killed
        case.next_owner(owner)
        case.judge(leads_of("jinan", "qingdao"))
        limit = TAKEOVER + 1.5 + options.slack
        assert took <= limit, f"{took:.2f} s, the limit is {limit} s"
        return f"{took:.2f} s"


def c3(options):
    """The owner stands still for six seconds and goes on: it sends nothing any more and ends with 3."""
    with Case(options) as case:
        owner = case.start_all()
        surge_and_answer(case)
        owner.signal(signal.SIGSTOP)
        stopped = time.monotonic()
        case.surge("qingdao")
        case.await_called("qingdao", TAKEOVER + 4)
        took = time.monotonic() - stopped
        case.next_owner(owner)
        time.sleep(max(0.0, 6 - (time.monotonic() - stopped)))
        case.surge("yantai")
        owner.signal(signal.SIGCONT)
        assert owner.wait(6) == 3, "the old owner goes on"
        case.await_called("yantai", 5)
        owner.start()
        case.await_followers()
        case.judge(leads_of("jinan", "qingdao", "yantai"))
        return f"{took:.2f} s"


def c4(options):
    """The owner is cut from etcd, its ways out alive: its gate is closed before another claims."""
    with Case(options) as case:
        owner = case.start_all()
        surge_and_answer(case)
        owner.cut_from(case.world.others(owner))
        cut = time.monotonic()
        case.surge("qingdao")
        case.await_called("qingdao", TAKEOVER + 6)
        case.next_owner(owner)
        took = time.monotonic() - cut
        time.sleep(case.random.uniform(0, 3))
        owner.reach_again(case.world.others(owner))
        assert owner.wait(8) == 3, "the old owner goes on after its return"
        owner.start()
        case.await_followers()
        case.judge(leads_of("jinan", "qingdao"))
        return f"{took:.2f} s"


def c5(options):
    """The owner is cut from every host, its ways out alive: after alone_after its pages are labelled as possible repeats."""
    with Case(options, alone_after="4s") as case:
        owner = case.start_all()
        owner.cut_from(case.world.others(owner))
        case.next_owner(owner)
        assert until(lambda: "event=alone" in owner.text(), 10), "the old owner does not say that it is alone"
        before = len(case.world.sink.taken())
        case.surge("jinan")
        assert until(lambda: {p["host"] for p in case.world.sink.taken()[before:]} >= {owner.address, case.owner.address}, 15), \
            "one of the two does not call"
        time.sleep(1)
        for page in case.world.sink.taken()[before:]:
            assert page["body"]["repeat"] == (page["host"] == owner.address), f"the label is wrong: {page}"
        owner.reach_again(case.world.others(owner))
        assert owner.wait(10) == 3
        return "labelled by the host that is alone, not by the other"


def c5_strict(options):
    """alone_after = "0s": an owner that is cut off sends nothing, ever."""
    with Case(options, alone_after="0s") as case:
        owner = case.start_all()
        owner.cut_from(case.world.others(owner))
        case.next_owner(owner)
        case.surge("jinan")
        case.await_called("jinan", 6)
        time.sleep(12)
        hosts = {p["host"] for p in case.world.sink.taken()}
        assert hosts == {case.owner.address}, f"pages came from {hosts}"
        return "nothing left the host that was cut off"


def c6(options):
    """The owner is cut from its feeders alone: it says that it is blind, resolves nothing, and is restarted by hand to hand over."""
    with Case(options, stale_after="3s") as case:
        owner = case.start_all()
        surge_and_answer(case)
        case.world.feeder.muted.add(owner.address)
        cut = time.monotonic()
        blind = until(lambda: case.world.sink.taken("blind"), 12)
        assert blind, "nobody hears that the data stopped"
        took = time.monotonic() - cut
        assert blind[0]["host"] == owner.address
        owner.signal(signal.SIGTERM)
        assert owner.wait(10) == 0
        case.next_owner(owner, 10)
        case.surge("qingdao")
        case.await_called("qingdao", 5)
        assert not [p for p in case.world.sink.taken("close") if p["body"]["scope"]["centre"] == "jinan"], "the incident was closed"
        case.world.feeder.muted.clear()
        owner.start()
        case.await_followers()
        case.judge(leads_of("jinan", "qingdao"))
        return f"said so after {took:.1f} s; the next owner sees"


def c7(options):
    """etcd's leader dies on another host: pages wait for the election; one member less changes nothing more."""
    with Case(options) as case:
        owner = case.start_all()
        leader = case.world.etcd_leader()
        if leader is owner:
            other = case.world.others(owner)[0]
            status = json.loads(case.world.etcdctl("endpoint", "status", "-w", "json", host=other.name))[0]["Status"]
            case.world.etcdctl("move-leader", format(status["header"]["member_id"], "x"), host=owner.name)
            assert until(lambda: case.world.etcd_leader() is other, 5)
            leader = other
        leader.etcd.kill()
        leader.etcd.wait()
        case.surge("jinan")
        took = case.await_called("jinan", 5)
        assert took <= 2.0 + options.slack, f"{took:.2f} s"
        assert case.world.owner(10) is owner, "the owner changed"
        leader.start_etcd()
        case.surge("qingdao")
        assert case.await_called("qingdao", 3) <= 1.0
        case.judge(leads_of("jinan", "qingdao"), takeovers=0)
        return f"{took:.2f} s while etcd elected"


def c8(options):
    """etcd without a quorum: the owner goes on alone after alone_after; what it decided is appended when etcd returns; nobody claims."""
    with Case(options, alone_after="4s") as case:
        owner = case.start_all()
        for host in case.world.others(owner):
            host.etcd.kill()
            host.etcd.wait()
        lost = time.monotonic()
        case.surge("jinan")
        took = case.await_called("jinan", 14)
        took = time.monotonic() - lost
        assert 3.0 <= took <= 7.0 + options.slack, f"pages left after {took:.1f} s"
        assert all(p["body"]["repeat"] for p in case.world.sink.taken()), "a page without the label left while etcd was silent"
        assert all(p["host"] == owner.address for p in case.world.sink.taken())
        for host in case.world.others(owner):
            host.start_etcd()
        assert until(lambda: "event=etcd_answers" in owner.text(), 20), "the owner does not see etcd again"
        case.surge("qingdao")
        case.await_called("qingdao", 5)
        assert not [p for p in case.world.sink.taken() if p["body"]["scope"]["centre"] == "qingdao" and p["body"]["repeat"]]
        assert case.world.owner(5) is owner
        case.judge(leads_of("jinan", "qingdao"), takeovers=1, late=8)
        return f"pages left {took:.1f} s after the quorum was lost, labelled; everything was appended later"


def c9(options):
    """All hosts lose power in an open incident and come back: one takes over, nobody's answer is lost."""
    with Case(options) as case:
        case.start_all()
        surge_and_answer(case)
        for host in case.world.hosts.values():
            host.power_off()
        time.sleep(1)
        for host in case.world.hosts.values():
            host.start_etcd()
            host.start()
        case.owner = case.world.owner(30)
        case.takeovers += 1
        case.surge("qingdao")
        case.await_called("qingdao", 5)
        case.await_followers()
        case.judge(leads_of("jinan", "qingdao"), slack=9e9, late=12)
        return "the log, the answer and the incident were there"


def c9_unflushed(options):
    """The same with a file system for each host, for its copy and its etcd, that is shut down without a flush in the middle of a surge."""
    if why := why_no_disks():
        return f"SKIPPED: {why}"
    with Case(options, disks=True) as case:
        case.start_all()
        surge_and_answer(case)
        for centre in ("qingdao", "yantai"):
            case.surge(centre)
        time.sleep(case.random.uniform(0, 0.4))
        hosts = list(case.world.hosts.values())
        for host in hosts:
            host.freeze()
        for host in hosts:
            host.disk.lose_power()
            host.power_off()
        for host in hosts:
            assert host.disk.get_power(), "the file system kept what nobody had flushed: this was no loss of power"
            host.start_etcd()
        behind = {host.name: last_record(host.store) for host in hosts}
        for host in hosts:
            host.start()
        case.owner = case.world.owner(30)
        case.takeovers += 1
        for centre in ("qingdao", "yantai"):
            case.await_called(centre, 10)
        case.await_followers()
        case.judge(leads_of(*CENTRES), slack=9e9, late=12)
        return f"the copies came back at records {sorted(behind.values())} and caught up; the log, the answer and the incidents were there"


def c10(options):
    """The owner's disk is full: pages go on, the copy is behind, and whole again when there is room."""
    with Case(options) as case:
        # A store on a file system of its own, which a file of ours then fills.
        folder = os.path.join(case.world.folder, "small")
        os.makedirs(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], check=True)
        try:
            for host in case.world.hosts.values():
                host.store = os.path.join(folder, "surged.db") if host.name == "a" else host.store
            a = case.world.hosts["a"]
            a.start()
            case.owner = case.world.owner(30)
            for host in case.world.others(a):
                host.start()
            case.await_followers()
            with open(os.path.join(folder, "ballast"), "wb") as ballast:
                try:
                    while True:
                        ballast.write(b"x" * 65536)
                except OSError:
                    pass
            case.surge("jinan")
            assert case.await_called("jinan", 5) < 3
            case.join("jinan", "jinan-lead-1")
            for i in range(40):
                case.calm("qingdao") if i % 2 else case.surge("qingdao")
                time.sleep(0.15)
            assert case.world.owner(5) is a, "the owner changed"
            os.remove(os.path.join(folder, "ballast"))
            time.sleep(2)
            case.surge("yantai")
            case.await_called("yantai", 5)
            case.judge(leads_of("jinan", "yantai"), takeovers=0)
            said = "event=copy_behind" in a.text()
            return "pages went on" + (", the copy fell behind and caught up" if said else "")
        finally:
            for host in case.world.hosts.values():
                host.power_off()
            subprocess.run(["umount", "-l", folder], check=False)


def c10_hung(options):
    """The owner's disk hangs: no pulse, another host takes over and goes on; once the disk goes on the old owner ends with 3, and sent
    nothing after the claim. Its etcd has a disk that works."""
    if why := why_no_disks():
        return f"SKIPPED: {why}"
    with Case(options) as case:
        a = case.world.hosts["a"]
        folder = case.world.file("hangs")
        os.makedirs(folder)
        disk = Disk(case.world.file("hangs.xfs"), folder)  # before surged starts, which sees the mounts of that moment
        try:
            a.store = os.path.join(folder, "surged.db")
            a.start()
            case.owner = case.world.owner(30)
            for host in case.world.others(a):
                host.start()
            case.await_followers()
            surge_and_answer(case)
            disk.hang()
            hung = time.monotonic()
            case.surge("qingdao")  # in etcd and said, perhaps; the copy hangs over it
            time.sleep(case.random.uniform(0.5, 1.0))
            case.surge("yantai")  # not said any more
            assert until(lambda: [p for p in case.world.sink.taken() if p["host"] != a.address], TAKEOVER + 6), "nobody else sends a page"
            took = time.monotonic() - hung
            case.next_owner(a)
            for centre in ("qingdao", "yantai"):
                case.await_called(centre, 5)
            case.join("qingdao", "qingdao-lead-1", at=case.owner)
            assert a.alive(), "it ended: its disk did not hang"
            # Shorter or longer than alone_after: the old owner has asked the others, or has not.
            time.sleep(max(0.0, hung + case.random.choice((4, 12)) - time.monotonic()))
            frozen = time.monotonic() - hung
            disk.go_on()
            assert a.wait(6) == 3, "the old owner goes on"
            a.start()
            case.await_followers()
            case.judge(leads_of(*CENTRES))
            limit = TAKEOVER + 0.75 + options.slack  # the last pulse may be one batch and an eighth of takeover later than the disk
            assert took <= limit, f"the first page of the new owner came after {took:.2f} s, the limit is {limit} s"
            return f"{took:.2f} s from the hang to the first page of the new owner; it hung for {frozen:.0f} s"
        finally:
            disk.go_on()
            a.power_off()
            disk.remove()


def c11(options):
    """A proxy before every member of etcd loses answers of commits: each is read back, nothing is sent twice, not even over a take-over."""
    with Case(options, etcd_port=2389) as case:
        for number, host in enumerate(case.world.hosts.values()):
            host.start_proxy(2389, options.seed * 10 + number, 0.5)
        owner = case.start_all()
        surge_and_answer(case)
        for centre in ("qingdao", "yantai"):
            case.surge(centre)
            case.await_called(centre, 5)
            case.join(centre, f"{centre}-lead-2")
        assert case.world.owner(5) is owner, "the owner changed"
        assert not [p for p in case.world.sink.taken() if p["body"]["repeat"]], "a page was repeated although nobody was lost"
        owner.signal(signal.SIGKILL)  # the claim's answer may be lost as well
        case.next_owner(owner)
        case.join("jinan", "jinan-lead-2")
        owner.start()
        case.await_followers()
        case.judge(leads_of(*CENTRES))
        lines = [line for host in case.world.hosts.values() for line in open(host.proxy_log, encoding="utf-8").read().splitlines()]
        lost = lines.count("lost done")
        assert lost >= 10, f"of {len(lines)} commits only {lost} lost their answer"
        return f"{lost} of {len(lines)} commits lost their answer, each was found in etcd"


def c12(options):
    """A wall clock that is an hour off on one host changes no page, no escalation and no take-over."""
    library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
    if library is None:
        return "SKIPPED: libfaketime is not installed"
    with Case(options) as case:
        hosts = list(case.world.hosts.values())
        hosts[0].start()
        case.owner = case.world.owner(30)
        for host, offset in ((hosts[1], "+3600"), (hosts[2], "-3600")):
            host.start(env={"LD_PRELOAD": library, "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        case.await_followers()
        case.surge("jinan")
        case.await_called("jinan", 5)
        time.sleep(1)
        before = len(case.world.sink.taken())
        hosts[0].signal(signal.SIGKILL)
        case.next_owner(hosts[0])
        time.sleep(3)
        early = [p for p in case.world.sink.taken()[before:] if p["body"]["tier"] > 1]
        assert not early, f"the next tier was called early: {early}"
        for host, ahead in ((hosts[1], 3600), (hosts[2], -3600)):
            said = re.search(r"event=clocks_differ this_host_ahead_ms=(-?\d+)", host.text())
            assert said and abs(int(said[1]) / 1000 - ahead) < 5, f"{host.name} says {said and said[0]}, it is {ahead} s ahead"
        case.judge(leads_of("jinan"), closings=False)  # an owner an hour off refuses samples, and says so
        return "the next tier was not called early"


def c13(options):
    """SIGTERM hands over: the stand-by has the shard within half a second of the end."""
    with Case(options) as case:
        owner = case.start_all()
        surge_and_answer(case)
        seen = last_record(owner.store)
        case.surge("qingdao")
        owner.signal(signal.SIGTERM)
        assert owner.wait(10) == 0
        ended = time.monotonic()
        case.next_owner(owner, 10)
        took = time.monotonic() - ended
        first = case.owner.first_event(seen)
        assert first[0] == seen + 1, f"who saw record {seen} at the old owner is told {first} by the new one"
        case.await_called("qingdao", 5)
        owner.start()
        case.await_followers()
        case.judge(leads_of("jinan", "qingdao"))
        assert took <= 0.8 + options.slack, f"{took:.2f} s"  # asked over HTTP every 50 ms, and the answer's own time
        return f"{took:.2f} s"


def c14(options):
    """A fresh host with nothing joins, follows, and takes over; another's disk is lost for good and it begins anew."""
    with Case(options) as case:
        hosts = list(case.world.hosts.values())
        hosts[0].start()
        case.owner = case.world.owner(30)
        surge_and_answer(case)
        hosts[1].start()
        hosts[2].start()
        case.await_followers()
        assert until(lambda: records_of(hosts[1].store).keys() == records_of(hosts[0].store).keys(), 10)
        hosts[1].signal(signal.SIGKILL)
        hosts[1].wait(5)
        for name in os.listdir(hosts[1].folder):
            if name.startswith("surged.db"):
                os.remove(os.path.join(hosts[1].folder, name))
        hosts[1].start()
        case.await_followers()
        hosts[0].signal(signal.SIGKILL)
        case.next_owner(hosts[0])
        case.surge("qingdao")
        case.await_called("qingdao", 5)
        hosts[0].start()
        case.await_followers()
        case.judge(leads_of("jinan", "qingdao"))
        return "joined, lost its disk, began anew, and somebody took over"


def c14_unreadable(options):
    """The snapshot that a host must go on from is of a version that it cannot read: exit 3, and what to do. It was away for too long."""
    with Case(options) as case:
        a, b, _ = case.world.hosts.values()
        a.start()
        case.owner = case.world.owner(30)
        b.start()
        case.await_followers()
        b.signal(signal.SIGSTOP)
        surge_and_answer(case)
        assert until(lambda: case.world.etcdctl("get", PREFIX + "snap", "--print-value-only").strip(), 20), "the owner has no snapshot yet"
        head = json.loads(case.world.etcdctl("get", HEAD, "--print-value-only"))
        foreign = "a snapshot of another version"
        place = [{"seq": head["seq"], "parts": 1, "crc": crc32c(foreign.encode())}]
        case.world.etcdctl("put", f"{PREFIX}snap/{head['seq']:016x}/0000", foreign)
        case.world.etcdctl("put", PREFIX + "snap", json.dumps(place))
        case.world.etcdctl("put", HEAD, json.dumps({**head, "kept": head["seq"] + 1}))
        b.signal(signal.SIGCONT)
        code = b.wait(15)
        assert code == 3, f"it ends with {code}"
        assert "upgrade this host" in b.text() and "snapshot" in b.text(), b.text()[-400:]
        return "refused, and said"


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def c15(options):
    """etcd is restored from yesterday, or two installations share a name: exit 3, nothing written, both places named."""
    with Case(options) as case:
        case.start_all()
        surge_and_answer(case)
        end_all(case)
        # The newest file seeds: whoever was the last at work has the end of the log.
        c, b, a = sorted(case.world.hosts.values(), key=lambda h: max(records_of(h.store), default=0))

        # Yesterday: the head is put back.
        head = case.world.etcdctl("get", HEAD, "--print-value-only").strip()
        case.world.etcdctl("put", HEAD, re.sub(r'"seq":\d+', '"seq":3', head))
        refuses(case, a, "is at record")

        # The way out that it names: an empty prefix is seeded from this host's file, and the others follow.
        case.world.etcdctl("del", "--prefix", PREFIX)
        a.start()
        case.owner = case.world.owner(20)
        b.start()
        case.await_followers()
        case.surge("qingdao")
        case.await_called("qingdao", 5)
        assert until(lambda: max(records_of(a.store)) == max(records_of(b.store)), 10)
        end_all(case)

        # Another installation has the name now, and more records than this one.
        case.world.etcdctl("del", "--prefix", PREFIX)
        c.store = os.path.join(c.folder, "other.db")
        c.start()
        case.owner = case.world.owner(20)
        ours = max(records_of(a.store))
        for i in range(40):
            case.surge("yantai") if i % 2 == 0 else case.calm("yantai")
            time.sleep(1.3)
            if max(records_of(c.store), default=0) > ours + 5:
                break
        refuses(case, a, "is not that of etcd's log")
        assert case.owner.owns(), "the other installation was disturbed"
        return "refused, nothing written; seeded from the file; another installation's log refused"


PREFIX = "/surged/test/0/"
HEAD = PREFIX + "head"


def end_all(case):
    for host in case.world.hosts.values():
        if host.alive():
            host.signal(signal.SIGTERM)
    for host in case.world.hosts.values():
        assert host.surged is None or host.wait(10) is not None


def refuses(case, host, why):
    """It ends with 3 and says why; etcd's log and owner are as before."""
    def written():
        keys = json.loads(case.world.etcdctl("get", "--prefix", PREFIX, "--write-out", "json"))["kvs"]
        return [k for k in keys if base64.b64decode(k["key"]).decode() not in (HEAD,) or not (case.owner and case.owner.alive())
                if b"/host/" not in base64.b64decode(k["key"]) and b"/log/" not in base64.b64decode(k["key"]) or not case.owner.alive()]
    before = written()
    host.start()
    assert host.wait(15) == 3, "it follows a log that is not its own"
    assert why in host.text() and PREFIX in host.text() and "etcdctl del --prefix" in host.text(), host.text()[-800:]
    assert written() == before, "something was written"


ALL = {name: case for name, case in list(globals().items()) if name.startswith("c") and name[1:2].isdigit()}
