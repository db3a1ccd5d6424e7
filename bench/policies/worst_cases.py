# SPDX-License-Identifier: MIT
"""Policies that scopes do not tell apart, to be seen beside the figures of the workload."""

import json


def _request(context, principal="u"):
    return json.dumps({
        "principal": {"type": "User", "id": principal},
        "action": {"type": "Action", "id": "go"},
        "resource": {"type": "Doc", "id": "d"}, "context": context}) + "\n"


def _entity(kind, name, parents=()):
    return {"uid": {"type": kind, "id": name}, "attrs": {},
            "parents": [{"type": t, "id": i} for t, i in parents]}


def unconstrained(count=1000):
    """Every scope is open and every condition is false: all policies are looked at."""
    policies = "".join(
        f"permit (principal, action, resource) when {{ context.hour >= {number + 24} }};\n"
        for number in range(count))
    return policies, [], _request({"hour": 7})


def unconstrained_strings(count=1000):
    """The same with texts of one length, which a comparison of lengths does not tell apart."""
    policies = "".join(
        "permit (principal, action, resource) "
        f'when {{ context.hour < 24 && context.team == "team-{number:06}" }};\n'
        for number in range(count))
    return policies, [], _request({"hour": 7, "team": "team-xxxxxx"})


def led(count):
    """Open scopes, but conditions that begin with one attribute: its value finds the policy."""
    policies = "".join(
        f'{"forbid" if number % 6 == 0 else "permit"} (principal, action, resource) '
        f'when {{ context.team == "team-{number:06}" && context.hour < 9 }};\n'
        for number in range(count))
    return policies, [], "".join(
        _request({"hour": hour, "team": f"team-{count // 7 * place:06}"})
        for place in range(7) for hour in (7, 10))


def ancestors(count=200):
    """A principal and a resource with 200 ancestors each, all of them named by policies."""
    policies = "".join(
        f'permit (principal in Group::"p{number}", action, resource in Group::"r{number + 1}") '
        "when { context.hour == 99 };\n"
        for number in range(count - 1))
    entities = [
        _entity("User", "u", [("Group", f"p{n}") for n in range(count)]),
        _entity("Doc", "d", [("Group", f"r{n}") for n in range(count)])]
    return policies, entities, _request({"hour": 7})


def members(count=64_000):
    """One condition with a set of 64,000 entities, the last of which is the principal's."""
    names = ", ".join(f'Group::"g{number}"' for number in range(count))
    policies = f"permit (principal, action, resource) when {{ principal in [{names}] }};\n"
    entities = [_entity("User", "u", [("Group", f"g{count - 1}")])]
    return policies, entities, _request({})


def like(length):
    """A long text in which a pattern begins to match everywhere, and never does."""
    pattern = "*a*a*" + "a" * 24 + "b*"
    policies = f'permit (principal, action, resource) when {{ context.text like "{pattern}" }};\n'
    return policies, [], _request({"text": "a" * length})


def nested(depth=200):
    """`if` in `if`, 200 levels deep; the innermost branch is taken."""
    text = "context.hour == 99"
    for number in range(depth):
        text = f"if context.hour == {number + 24} then true else {text}"
    return f"permit (principal, action, resource) when {{ {text} }};\n", [], _request({"hour": 7})


CASES = {
    "1,000 open scopes, false at once": (unconstrained, {}),
    "1,000 open scopes, texts that differ": (unconstrained_strings, {}),
    "1,000 policies found by an attribute": (led, {"count": 1000}),
    "10,000 policies found by an attribute": (led, {"count": 10_000}),
    "200 x 200 ancestors, 199 policies": (ancestors, {}),
    "64,000 members of a set": (members, {}),
    "like over 16 KiB": (like, {"length": 16 << 10}),
    "like over 64 KiB": (like, {"length": 64 << 10}),
    "200 nested ifs": (nested, {}),
}


def write(name, folder):
    make, arguments = CASES[name]
    policies, entities, requests = make(**arguments)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policies.cedar").write_text(policies)
    (folder / "entities.json").write_text(json.dumps(entities))
    (folder / "requests.jsonl").write_text(requests)
