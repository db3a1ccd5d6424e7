# SPDX-License-Identifier: MIT
"""Policies, entities and requests of a gateway, drawn from a seed: any size, the same each time.

The shapes and their shares follow the multi-policy workload of the conformance data: most scopes
name a user or a team and a model or a group, one policy in six forbids, conditions have one to four
parts over context, principal and resource.
"""

import json
import random

ACTIONS = ["chat", "complete", "embed"]
TOOLS = ["browser", "code", "files", "mail", "search", "sql"]
REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"]
DEPARTMENTS = ["eng", "sales", "ops", "legal"]
PROVIDERS = ["openai", "anthropic", "google", "mistral"]

SCHEMA = """\
type Budget = { remaining: Long, currency: String };
entity Org;
entity Team in [Org] = { costCenter: String };
entity User in [Team] = {
  tier: Long, dept: String, suspended: Bool, clearance: Long, manager?: User
};
entity ModelGroup;
entity Model in [ModelGroup] = {
  deprecated: Bool, provider: String, maxTokens: Long, minClearance: Long, regions: Set<String>
};
type Ctx = {
  inputTokens: Long, region: String, sourceIp: ipaddr, tools: Set<String>, hour: Long,
  budget: Budget
};
action inference;
action chat, complete, embed in [inference] appliesTo {
  principal: [User], resource: [Model], context: Ctx
};
"""

COMMON = [
    'forbid (principal, action in Action::"inference", resource is Model) '
    "when { principal.suspended };",
    "forbid (principal is User, action, resource) "
    "when { resource.deprecated && context.hour >= 20 };",
    'permit (principal in Org::"acme", action in Action::"inference", '
    'resource in ModelGroup::"g0") when { context.inputTokens <= 1000 };',
]


class Workload:
    """`count` policies with entities and `request_count` requests."""

    def __init__(self, count, request_count=400, seed=42):
        self.random = random.Random(f"{seed}:{count}")
        self.count = count
        self.users = max(5, count * 3 // 10)
        self.teams = max(4, count // 20)
        self.groups = max(3, count // 40)
        self.models = max(4, count // 10)
        self.request_count = request_count

    def policies(self):
        lines = COMMON[: self.count]
        while len(lines) < self.count:
            lines.append(self.policy())
        return "\n".join(lines) + "\n"

    def policy(self):
        pick = self.random.random
        effect = "forbid" if pick() < 0.17 else "permit"
        conditions = self.conditions()
        tail = ""
        if pick() < 0.15:
            tail = " unless { principal.suspended || context.budget.remaining <= 0 }"
        return f"{effect} ({self.scope()}) when {{ {conditions} }}{tail};"

    def scope(self):
        pick = self.random.random
        user, team = self.random.randrange(self.users), self.random.randrange(self.teams)
        group, model = self.random.randrange(self.groups), self.random.randrange(self.models)
        draw = pick()
        if draw < 0.46:
            principal = f'principal == User::"u{user}"'
        elif draw < 0.84:
            principal = f'principal in Team::"t{team}"'
        elif draw < 0.90:
            principal = f'principal is User in Team::"t{team}"'
        else:
            principal = "principal"
        draw = pick()
        # Whoever the principal is, some resource is named: else each request meets all of them.
        bound = 0.77 if principal == "principal" else 0.40
        if draw < bound:
            resource = f'resource == Model::"m{model}"'
        elif draw < 0.70 or principal == "principal":
            resource = f'resource in ModelGroup::"g{group}"'
        elif draw < 0.80:
            resource = f'resource is Model in ModelGroup::"g{group}"'
        else:
            resource = "resource is Model" if draw < 0.9 else "resource"
        draw = pick()
        if draw < 0.55:
            action = f'action == Action::"{self.random.choice(ACTIONS)}"'
        elif draw < 0.8:
            first, second = self.random.sample(ACTIONS, 2)
            action = f'action in [Action::"{first}", Action::"{second}"]'
        else:
            action = 'action in Action::"inference"' if draw < 0.95 else "action"
        return f"{principal}, {action}, {resource}"

    def conditions(self):
        parts = [self.part() for _ in range(self.random.randrange(1, 5))]
        if len(parts) > 2 and self.random.random() < 0.1:
            parts[:2] = [f"({parts[0]} || {parts[1]})"]
        return " && ".join(parts)

    def part(self):
        draw = self.random.randrange
        tools = ", ".join(f'"{tool}"' for tool in sorted(self.random.sample(TOOLS, 3)))
        return self.random.choice([
            "context.inputTokens * 2 < resource.maxTokens",
            f"context.budget.remaining > {self.random.choice([0, 100, 1000])}",
            f'resource.provider like "{self.random.choice(PROVIDERS)[:3]}*"',
            f'principal.dept == "{self.random.choice(DEPARTMENTS)}"',
            f"[{tools}].containsAll(context.tools)",
            f"context.inputTokens <= {self.random.choice([1000, 4000, 16000, 64000])}",
            f'context.sourceIp.isInRange(ip("10.{draw(8)}.0.0/{self.random.choice([12, 16])}"))',
            "principal.clearance >= resource.minClearance",
            f"principal.tier >= {draw(4)}",
            "resource.regions.contains(context.region)",
            f'principal has manager && principal.manager in Team::"t{draw(self.teams)}"',
            f'context.region == "{self.random.choice(REGIONS)}"',
            f"context.hour >= {draw(12)} && context.hour < {12 + draw(12)}",
            f'!context.tools.contains("{self.random.choice(TOOLS)}")',
        ])

    def entities(self):
        def entity(type_, id_, attributes, parents):
            return {"uid": {"type": type_, "id": id_}, "attrs": attributes, "parents": parents}

        def uid(type_, id_):
            return {"type": type_, "id": id_}

        pick = self.random
        result = [entity("Org", "acme", {}, []), entity("Action", "inference", {}, [])]
        for action in ACTIONS:
            result.append(entity("Action", action, {}, [uid("Action", "inference")]))
        for team in range(self.teams):
            result.append(
                entity("Team", f"t{team}", {"costCenter": f"cc-{team}"}, [uid("Org", "acme")]))
        for user in range(self.users):
            attributes = {
                "tier": pick.randrange(4), "dept": pick.choice(DEPARTMENTS),
                "suspended": pick.random() < 0.03, "clearance": pick.randrange(4)}
            if pick.random() < 0.6:
                attributes["manager"] = {"__entity": uid("User", f"u{pick.randrange(self.users)}")}
            teams = pick.sample(range(self.teams), 2)
            result.append(
                entity("User", f"u{user}", attributes, [uid("Team", f"t{t}") for t in teams]))
        for group in range(self.groups):
            result.append(entity("ModelGroup", f"g{group}", {}, []))
        for model in range(self.models):
            result.append(
                entity(
                    "Model", f"m{model}",
                    {"deprecated": pick.random() < 0.1, "provider": pick.choice(PROVIDERS),
                     "maxTokens": pick.choice([8000, 32000, 128000]),
                     "minClearance": pick.randrange(3), "regions": pick.sample(REGIONS, 3)},
                    [uid("ModelGroup", f"g{pick.randrange(self.groups)}")]))
        return json.dumps(result)

    def requests(self):
        pick = self.random
        lines = []
        for number in range(self.request_count):
            address = f"10.{pick.randrange(16)}.{pick.randrange(256)}.{pick.randrange(256)}"
            lines.append(json.dumps({
                "id": number,
                "principal": {"type": "User", "id": f"u{pick.randrange(self.users)}"},
                "action": {"type": "Action", "id": pick.choice(ACTIONS)},
                "resource": {"type": "Model", "id": f"m{pick.randrange(self.models)}"},
                "context": {
                    "inputTokens": pick.choice([200, 900, 3000, 20000]),
                    "region": pick.choice(REGIONS),
                    "sourceIp": {"__extn": {"fn": "ip", "arg": address}},
                    "tools": sorted(pick.sample(TOOLS, pick.randrange(4))),
                    "hour": pick.randrange(24),
                    "budget": {"remaining": pick.choice([0, 50, 500, 5000]), "currency": "USD"},
                },
            }))
        return "\n".join(lines) + "\n"

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "schema.cedarschema").write_text(SCHEMA)
        (folder / "policies.cedar").write_text(self.policies())
        (folder / "entities.json").write_text(self.entities())
        (folder / "requests.jsonl").write_text(self.requests())
