// SPDX-License-Identifier: MIT
//
// photos: who may do what with a photo, as a service would ask before each operation.
//
//   swift run --package-path Examples photos

import Cedar

let engine = try PolicyEngine(
  policies: """
    @id("owner") permit (principal, action, resource) when { resource.owner == principal };
    @id("friends")
    permit (principal, action == Action::"view", resource)
    when { principal in resource.friends };
    @id("frozen") forbid (principal, action == Action::"edit", resource) when { resource.frozen };
    """,
  entities: """
    [{"uid": {"type": "User", "id": "alice"}, "attrs": {}, "parents": []},
     {"uid": {"type": "User", "id": "bob"}, "attrs": {},
      "parents": [{"type": "Circle", "id": "hikers"}]},
     {"uid": {"type": "Circle", "id": "hikers"}, "attrs": {}, "parents": []},
     {"uid": {"type": "Photo", "id": "sunset"}, "parents": [],
      "attrs": {"owner": {"type": "User", "id": "alice"}, "frozen": true,
                "friends": {"type": "Circle", "id": "hikers"}}}]
    """,
  schema: """
    entity Circle;
    entity User in [Circle];
    entity Photo { owner: User, friends: Circle, frozen: Bool };
    action view, edit appliesTo { principal: User, resource: Photo };
    """)
for finding in engine.findings() { print(finding) }

let authorizer = Authorizer(engine)
for (user, action) in [("alice", "view"), ("alice", "edit"), ("bob", "view"), ("bob", "edit")] {
  let answer = try authorizer.authorize(
    principal: "User::\"\(user)\"", action: "Action::\"\(action)\"",
    resource: #"Photo::"sunset""#)
  let verdict = answer.isAllowed ? "may" : "may not"
  let grounds =
    answer.reasons.isEmpty ? "nothing permits it" : answer.reasons.joined(separator: ", ")
  print("\(user) \(verdict) \(action): \(grounds)")
}
