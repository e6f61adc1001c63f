"""One breach is planted for every rule of the judge: it must be found, and nothing where there is none."""
import json
import os
import sqlite3
import tempfile

import judge


def page(at, host, key, repeat=False, person="lead-1", centre="jinan", purpose="first", rule="waiting", level="yellow"):
    return {"at": at, "host": host, "body": {"page": key, "repeat": repeat, "purpose": purpose, "scope": {"centre": centre}, "level": level,
                                             "policy": "surge", "alerts": [{"rule": rule}], "people": [{"person": person}]}}


def left_out(expect):
    """(a) by a single host's pages: one is left out, of one person, rule, scope or level, or because it ended before it was due."""
    alone = [page(10, "s", "k1"), page(18, "s", "k2", person="sup-1"), page(30, "s", "k3", purpose="close")]
    made = [page(12, "a", "n1"), page(21, "b", "n2", person="sup-1"), page(33, "b", "n3", purpose="close")]
    late = 3.0
    for i, what in enumerate(("a call", "a call of the next tier", "the end")):
        expect(f"(a) {what} is left out", judge.left_out(alone, made, [], late), judge.left_out(alone, made[:i] + made[i + 1:], [], late))
    for other in ({"person": "lead-2"}, {"rule": "abandoned"}, {"centre": "yantai"}, {"level": "red"}):
        expect(f"(a) a page of another {list(other)[0]}", [], judge.left_out([page(10, "s", "k1", **other)], made, [], late))
    for at, centre, person, of, owed in ((13.0, "jinan", None, "call", False), (13.1, "jinan", None, "call", True),
                                         (9.8, "jinan", None, "call", False), (9.6, "jinan", None, "call", True),
                                         (12.0, "jinan", "lead-1", "call", False),
                                         (12.0, "jinan", "lead-2", "call", True), (12.0, "yantai", None, "call", True),
                                         (12.0, "jinan", None, "close", True)):
        got = judge.left_out(alone[:1], [], [(at, centre, person, of)], late)
        expect(f"(a) what ended at {at} for {person or 'all'} of {centre}", [] if owed else got, got if owed else ["not owed"])
    expect("(a) the end for somebody who was not called", judge.left_out([page(30, "s", "k3", purpose="close")], [], [], late), ["not owed"])


def store(folder, name, records):
    path = os.path.join(folder, name)
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE records(seq INTEGER PRIMARY KEY, type, bytes)")
        db.executemany("INSERT INTO records VALUES(?, ?, ?)", records)
    return path


def check():
    """Every planted breach that was not found."""
    missed = []

    def expect(what, good, bad):
        if good:
            missed.append(f"{what}: found where there is none: {good}")
        if not bad:
            missed.append(f"{what}: not found")

    two = [page(1, "a", "k1"), page(4, "b", "k1", True), page(4, "b", "k2")]
    terms = [(0.0, "a", 1), (3.0, "b", 2)]
    wanted = {("jinan", "lead-1")}
    expect("(a) somebody was not called", judge.nobody_missed(two, wanted), judge.nobody_missed(two, wanted | {("jinan", "lead-2")}))
    expect("(a) called for another centre", [], judge.nobody_missed([page(1, "a", "k", centre="x")], wanted))
    left_out(expect)
    expect("(b) twice without a label", judge.once(two, 1), judge.once(two + [page(5, "b", "k2")], 1))
    expect("(b) too many labelled repeats", judge.once(two, 1), judge.once(two + [page(5, "b", "k1", True)], 1))
    expect("(c) an old owner sends", judge.fenced(two, terms, 0.2), judge.fenced(two + [page(3.5, "a", "k3")], terms, 0.2))
    expect("(c) one that never owned sends", [], judge.fenced([page(1, "c", "k3")], terms, 0.2))
    with tempfile.TemporaryDirectory() as folder:
        rows = [(1, "system", "{}"), (2, "answer", json.dumps({"incident": "0-1", "person": "p"}))]
        a = store(folder, "a", rows)
        b = store(folder, "b", rows)
        other = store(folder, "other", [rows[0], (2, "answer", "{}")])
        short = store(folder, "short", rows[:1])
        hole = store(folder, "hole", [rows[0], (3, "x", "{}")])
        same = {"a": a, "b": b}
        expect("(d) a confirmed answer is gone", judge.confirmed_are_there({("0-1", "p")}, same),
               judge.confirmed_are_there({("0-1", "p")}, {"short": short}))
        expect("(e) two records of one number", judge.same_logs(same), judge.same_logs({"a": a, "other": other}))
        expect("(e) a copy that ends early", [], judge.same_logs({"a": a, "short": short}))
        expect("(e) a hole", [], judge.same_logs({"hole": hole, "hole2": hole}))
    seat = {**dict.fromkeys(judge.SEATED, "lead-1"), "at": 1000}
    one = {"incident": "0-1", **dict.fromkeys(judge.FOLDED, "x"), "seats": [seat]}
    good = judge.folds_differ([one], "a", [{**one, "value": 2, "seats": [{**seat, "at": 1500}]}])
    for what, rows in (("an incident is gone", []), ("another tier", [{**one, "tier": "y"}]), ("a seat is gone", [{**one, "seats": []}]),
                       ("another seat", [{**one, "seats": [{**seat, "state": "declined"}]}]),
                       ("a seat of another moment", [{**one, "seats": [{**seat, "at": 1501}]}]),
                       ("one more", [one, {**one, "incident": "0-2"}])):
        expect(f"(e) the fold of a copy: {what}", good, judge.folds_differ([one], "a", rows))
    return missed
