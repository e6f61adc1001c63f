#!/usr/bin/env python3
"""A manager interface by a script, for tests/live: one queue, into which a caller comes every second, who is answered half a second later.

    scripted_ami.py PORT SECRET UPTIME

It checks the answer to its challenge, as Asterisk does, and prints a line for each login: "login" or "refused".
UPTIME is what it says of itself in seconds at its start; a smaller one than the time since the last connection is a restart.
"""
import asyncio
import hashlib
import sys
import time

PORT, SECRET, UPTIME = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
STARTED = time.time()
CHALLENGE = "840415273"
QUEUE = "helpline"
waiting = {}  # uniqueid -> when he came
completed = 0
writers = set()


def block(*lines):
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def event(name, *fields):
    for writer in writers:
        writer.write(block("Event: " + name, "Privilege: agent,all", "Queue: " + QUEUE, *fields))


async def callers():
    global completed
    number = 0
    while True:
        number += 1
        call = f"{STARTED:.0f}.{number}"
        waiting[call] = time.time()
        event("QueueCallerJoin", "Uniqueid: " + call, "Position: 1", f"Count: {len(waiting)}")
        await asyncio.sleep(0.5)
        held = time.time() - waiting.pop(call)
        event("QueueCallerLeave", "Uniqueid: " + call, "Position: 1", f"Count: {len(waiting)}")
        event("AgentConnect", "Uniqueid: " + call, "Interface: PJSIP/anna", "MemberName: Anna", f"HoldTime: {held:.0f}")
        completed += 1
        event("AgentComplete", "Uniqueid: " + call, "Interface: PJSIP/anna", "MemberName: Anna", f"HoldTime: {held:.0f}", "TalkTime: 1",
              "Reason: caller")
        await asyncio.sleep(0.5)


def status(action_id):
    mine = "ActionID: " + action_id
    out = block("Response: Success", mine, "EventList: start", "Message: Queue status will follow")
    out += block("Event: QueueParams", "Queue: " + QUEUE, f"Calls: {len(waiting)}", f"Completed: {completed}", "Abandoned: 0", mine)
    out += block("Event: QueueMember", "Queue: " + QUEUE, "Name: Anna", "Location: PJSIP/anna", "StateInterface: PJSIP/anna",
                 "Membership: static", "Penalty: 0", "CallsTaken: 0", "LastCall: 0", "InCall: 0", "Status: 1", "Paused: 0", mine)
    for position, (call, came) in enumerate(waiting.items(), 1):
        out += block("Event: QueueEntry", "Queue: " + QUEUE, f"Position: {position}", "Uniqueid: " + call,
                     f"Wait: {time.time() - came:.0f}", mine)
    return out + block("Event: QueueStatusComplete", mine, "EventList: Complete", f"ListItems: {2 + len(waiting)}")


async def serve(reader, writer):
    writer.write(b"Asterisk Call Manager/11.0.0\r\n")
    try:
        while True:
            text = (await reader.readuntil(b"\r\n\r\n")).decode()
            action = dict(line.split(": ", 1) for line in text.split("\r\n") if ": " in line)
            name, action_id = action.get("Action"), action.get("ActionID", "")
            if name == "Challenge":
                writer.write(block("Response: Success", "ActionID: " + action_id, "Challenge: " + CHALLENGE))
            elif name == "Login":
                well = action.get("Key") == hashlib.md5((CHALLENGE + SECRET).encode()).hexdigest()
                print("login" if well else "refused", flush=True)
                if not well:
                    writer.write(block("Response: Error", "ActionID: " + action_id, "Message: Authentication failed"))
                    break
                writer.write(block("Response: Success", "ActionID: " + action_id, "Message: Authentication accepted"))
                writer.write(block("Event: FullyBooted", "Privilege: system,all", f"Uptime: {UPTIME + time.time() - STARTED:.0f}",
                                   "Status: Fully Booted"))
                writers.add(writer)
            elif name == "QueueStatus":
                writer.write(status(action_id))
            elif name == "Ping":
                writer.write(block("Response: Success", "ActionID: " + action_id, "Ping: Pong"))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writers.discard(writer)
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", PORT)
    async with server:
        await callers()


asyncio.run(main())
