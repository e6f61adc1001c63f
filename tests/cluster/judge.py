"""What must be true of a run, whatever happened in it. Written from the promises, by what came out: the sink's pages, the hosts' copies of
the log, etcd's own words. It knows nothing of how surged works inside.
"""
import json
import sqlite3


def records_of(path):
    """seq -> (type, body) of one host's copy."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return {seq: (kind, body if isinstance(body, str) else body.decode("utf-8", "replace"))
                for seq, kind, body in db.execute("SELECT seq, type, bytes FROM records ORDER BY seq")}


def last_record(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute("SELECT coalesce(max(seq), 0) FROM records").fetchone()[0]


def same_logs(stores):
    """(e) where two copies have a record of one number, it is the same one; all end at one number."""
    faults = []
    logs = {name: records_of(path) for name, path in stores.items()}
    ends = {name: max(log, default=0) for name, log in logs.items()}
    if len(set(ends.values())) > 1:
        faults.append(f"the copies end at {ends}")
    names = sorted(logs)
    for name in names[1:]:
        for seq in logs[names[0]].keys() & logs[name].keys():
            if logs[names[0]][seq] != logs[name][seq]:
                faults.append(f"record {seq} of {names[0]} and {name} differ")
                break
    for name, log in logs.items():
        seqs = sorted(log)
        for before, after in zip(seqs, seqs[1:]):
            if after != before + 1:
                faults.append(f"{name} lacks records {before + 1} to {after - 1}")
    return faults


def once(pages, takeovers):
    """(b) of one key: one request without the label, and one with it for each take-over at most."""
    faults = []
    by_key = {}
    for page in pages:
        body = page["body"]
        by_key.setdefault(body.get("page"), []).append(page)
    for key, sent in by_key.items():
        plain = [p for p in sent if not p["body"]["repeat"]]
        labelled = [p for p in sent if p["body"]["repeat"]]
        if len(plain) > 1:
            faults.append(f"{key} came {len(plain)} times without the label, from {[p['host'] for p in plain]}")
        if len(labelled) > takeovers:
            faults.append(f"{key} came {len(labelled)} times with the label, at {takeovers} take-overs")
    return faults


CALLS = ("first", "need", "escalate", "repeat_round")


def nobody_missed(pages, wanted, purpose="first"):
    """(a) who must have been called was: wanted = {(centre, person)}."""
    got = set()
    for page in pages:
        body = page["body"]
        if body.get("purpose") in (purpose, *CALLS[1:]):
            for person in body["people"]:
                got.add((body["scope"].get("centre"), person["person"]))
    return [f"{person} of {centre} was never called" for centre, person in sorted(wanted - got)]


def said(page):
    """What a page tells, whatever its key: (centre, person, what, policy, rule, level), one for each person and rule."""
    body = page["body"]
    if body.get("purpose") in CALLS:
        about = [("call", body.get("policy"), alert["rule"], body.get("level")) for alert in body.get("alerts", [])]
    else:
        about = [(body.get("purpose"), body.get("policy"), "", "")]
    return {(body["scope"].get("centre"), person["person"], *what) for person in body["people"] for what in about}


ON_ITS_WAY = 0.3  # seconds from what the feeder is told to say until a host has it


def left_out(alone, pages, ends, late):
    """(a) each page that a single host made of the same samples and answers is made, by person, rule, scope and level.

    alone, pages: what both sinks took. ends = [(when, centre, person or None = everybody, "call" or "close")]: from then on such a page is
    not owed any more. The several hosts may be `late` seconds behind the single one, so what ends that soon after its page need not be
    made; and nobody is told the end of what they were not called for.
    """
    made = set().union(*(said(page) for page in pages))
    called = {key[:2] for key in made if key[2] == "call"}
    faults = {}
    for page in alone:
        for key in said(page) - made:
            centre, person, what = key[:3]
            over = any(of == ("close" if what == "close" else "call") and page["at"] - ON_ITS_WAY < at <= page["at"] + late and centre == where and
                       who in (None, person) for at, where, who, of in ends)
            if not over and (what == "call" or (centre, person) in called):
                faults[key] = f"a single host told {person} of {centre}: {', '.join(part or '' for part in key[2:])}; the several did not"
    return [faults[key] for key in sorted(faults, key=str)]


def fenced(pages, terms, slack, asked=2.0):
    """(c) no request begins after a later term was committed: terms = [(when it was seen, host, revision)], in order.

    A request is seen when its body is whole at the sink: `slack` seconds are for that. A term is seen when it was asked for, by `asked`
    seconds later at most, so who is seen as the owner soon after a page may have sent it.
    """
    faults = []
    for page in pages:
        before = [host for at, host, _ in terms if at <= page["at"] - slack]
        about = [host for at, host, _ in terms if page["at"] - slack < at <= page["at"] + asked]
        if page["host"] not in about + before[-1:]:
            faults.append(f"{page['host']} sent {page['body'].get('page')} although the shard was {before[-1:] or 'nobody'}'s")
    return faults


def confirmed_are_there(answers, stores):
    """(d) each answer that was confirmed is in the log: answers = {(incident, person)}."""
    faults = []
    for name, path in stores.items():
        there = set()
        for kind, body in records_of(path).values():
            if kind.startswith("answer"):
                record = json.loads(body)
                there.add((record.get("incident"), record.get("person")))
        for missing in sorted(answers - there):
            faults.append(f"{name}: the confirmed answer of {missing[1]} in {missing[0]} is not in the log")
    return faults


FOLDED = ("policy", "scope", "state", "level", "worst", "tier", "need", "joined", "came", "owner", "opened")
SEATED = ("person", "tier", "state", "reason", "came")
SHOWN_LATE = 500  # ms: a seat's moment is told by the wall clock of whoever is asked, with its distance from the owner's engine time


def folds_differ(told, name, rows):
    """(e) what is read out of a copy of the log is what the owner told: the incidents, and everybody's seat in them."""
    def state(incidents):
        return {i["incident"]: ({field: i[field] for field in FOLDED}, sorted(tuple(seat[f] for f in SEATED) for seat in i["seats"]))
                for i in incidents}

    def moments(incidents):
        return {(i["incident"], seat["person"], seat["tier"]): seat["at"] for i in incidents for seat in i["seats"]}
    owner, copy = state(told), state(rows)
    faults = [f"{name}: the copy's {incident} is {copy.get(incident)}, the owner told {owner.get(incident)}"
              for incident in sorted(owner.keys() | copy.keys()) if owner.get(incident) != copy.get(incident)]
    at, there = moments(told), moments(rows)
    return faults + [f"{name}: the copy's seat of {seat} is of {there[seat]}, the owner told {at[seat]}"
                     for seat in sorted(at.keys() & there.keys()) if abs(at[seat] - there[seat]) > SHOWN_LATE]
