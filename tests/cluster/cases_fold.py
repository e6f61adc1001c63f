"""(e) The fold of every copy of the log is the owner's state: each copy is read by a surged of its own, without [cluster]."""
import json
import signal

from cases import Case, surge_and_answer
from judge import folds_differ, same_logs
from world import until


def incidents(host):
    """What its API tells of every incident; None = it does not answer so far."""
    status, text, _ = host.get("/api/v1/incidents", timeout=2)
    return json.loads(text)["incidents"] if status == 200 else None


def said_no(case, host, incident, person):
    status, text, _ = host.get(f"/api/v1/incidents/{incident}/decline", "POST", {"person": person}, timeout=6)
    assert status == 200, text


def incident_of(host, centre):
    return next(i["incident"] for i in incidents(host) if i["scope"].get("centre") == centre)


def e_fold(options):
    """Joined, declined, called and ended on two owners: whoever reads a host's copy alone finds the incidents and seats that the owner told."""
    with Case(options, tier_wait="1h") as case:
        owner = case.start_all()
        surge_and_answer(case)
        for centre in ("qingdao", "yantai"):
            case.surge(centre)
            case.await_called(centre, 5)
        said_no(case, owner, incident_of(owner, "jinan"), "jinan-lead-2")
        owner.signal(signal.SIGKILL)
        new = case.next_owner(owner)
        case.join("qingdao", "qingdao-lead-2", at=new)
        said_no(case, new, incident_of(new, "qingdao"), "qingdao-lead-3")
        case.calm("yantai")
        assert until(lambda: [p for p in case.world.sink.taken("close") if p["body"]["scope"].get("centre") == "yantai"], 10), "yantai does not end"
        owner.start()
        case.await_followers()
        case.world.feeder.muted.update(h.address for h in case.world.all_hosts())  # nothing moves any more
        stores = {h.name: h.store for h in case.world.hosts.values()}
        assert until(lambda: not same_logs(stores), 10, 0.2), same_logs(stores)
        told = incidents(new)
        for host in case.world.hosts.values():
            host.freeze()
        for host in case.world.hosts.values():
            host.power_off()
        faults = same_logs(stores)
        for host in case.world.hosts.values():
            host.surged = host.execute(case.world.program, "--config", case.world.file("alone.toml"), "--store", host.store, log=host.log)
            rows = until(lambda: incidents(host), 15, 0.1)
            assert rows, f"{host.name} cannot be started on its copy alone"
            faults += folds_differ(told, host.name, rows)
        assert not faults, "\n".join(faults)
        seats = sum(len(i["seats"]) for i in told)
        return f"{len(told)} incidents and {seats} seats, the same on three copies"


ALL = {"e_fold": e_fold}
