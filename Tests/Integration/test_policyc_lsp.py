# SPDX-License-Identifier: MIT
"""The language server, in sessions as an editor holds them."""
import json

import pytest
from support import lsp, policyc

SCHEMA = '''// Who asks.
entity User in [Team] {
  // As people write it.
  name: String,
  age?: Long,
  home: Place,
};
entity Team;
type Place = { city: String, address: ipaddr };
entity Photo { owner: User, labels: Set<String> } tags Long;
entity Colour enum ["red", "green"];
// Looking is free.
action view, "edit it" in [all] appliesTo {
  principal: [User],
  resource: [Photo],
  context: { note?: String, when: datetime },
};
action all;
'''
POLICY = '''@id("ü😀")
permit (principal is User, action == Action::"view", resource)
when { principal.name == "😀" && resource.owner.home.city like "B*" };
@id("two")
forbid (principal, action in ["edit it"], resource is Photo)
unless { principal.age > 17 || context has note };
'''


@pytest.fixture
def session(tmp_path):
    (tmp_path / "s.cedarschema").write_text(SCHEMA)
    (tmp_path / "p.cedar").write_text(POLICY)
    client = lsp.Client(tmp_path)
    yield client
    client.kill()


@pytest.fixture
def ready(session):
    session.start()
    session.open("p.cedar")
    return session


def labels(items):
    return {item["label"] for item in items}


def typed(client, text, marker="▮"):
    """What is offered where the marker stands."""
    before, after = text.split(marker)
    client.change("p.cedar", before + after)
    return labels(client.ask("completion", "p.cedar", before))


# MARK: the protocol


def test_a_session_from_start_to_end(session):
    answer = session.start()
    offered = answer["capabilities"]
    assert offered["textDocumentSync"]["change"] == 1 and offered["hoverProvider"]
    assert answer["serverInfo"]["name"] == "policyc"
    assert session.stop() == 0


def test_the_order_of_messages_is_kept(session):
    with pytest.raises(lsp.Failed) as failed:
        session.request("textDocument/hover")
    assert failed.value.code == -32002
    session.start()
    for method, code in [("initialize", -32600), ("textDocument/mystery", -32601)]:
        with pytest.raises(lsp.Failed) as failed:
            session.request(method)
        assert failed.value.code == code
    session.request("shutdown")
    with pytest.raises(lsp.Failed):
        session.request("textDocument/hover")
    session.notify("exit")
    assert session.process.wait(timeout=20) == 0


def test_a_client_that_goes_ends_the_server(session):
    session.start()
    session.process.stdin.close()
    assert session.process.wait(timeout=20) == 1


@pytest.mark.parametrize("head", [b"Content-Length: -1\r\n\r\n", b"Content-Length: x\r\n\r\n",
                                  b"\r\n\r\n", b"Content-Length: 99999999999\r\n\r\n",
                                  b"A" * 20_000])
def test_what_is_no_message_ends_the_server(session, head):
    session.start()
    session.process.stdin.write(head)
    session.process.stdin.close()
    assert session.process.wait(timeout=20) == 1


def test_odd_messages_are_answered_or_passed_over(ready):
    ready.send_bytes(b"{")
    assert ready.wait(lambda one: one.get("error"))["error"]["code"] == -32700
    ready.send_bytes(b'{"id": 77}')
    assert ready.wait(lambda one: one.get("id") == 77)["error"]["code"] == -32600
    ready.send_bytes(b'{"id": 78, "result": null}')
    ready.notify("$/cancelRequest", id=3)
    for method in ("hover", "completion", "definition", "references", "prepareRename",
                   "formatting", "codeAction", "documentSymbol"):
        for parameters in ({}, {"textDocument": {"uri": "file:///absent.cedar"}},
                           {"textDocument": {"uri": ready.uri("p.cedar")},
                            "position": {"line": -1, "character": 0}}):
            if method in ("formatting", "documentSymbol") and "position" in parameters:
                continue
            assert ready.request(f"textDocument/{method}", **parameters) in (None, [])
    far = {"line": 10_000, "character": 10_000}
    ready.request("textDocument/hover", textDocument={"uri": ready.uri("p.cedar")}, position=far)
    ready.request("textDocument/completion", textDocument={"uri": ready.uri("p.cedar")},
                  position=far)


# MARK: findings


def test_findings_while_typing(ready):
    wrong = POLICY.replace("principal.name", "principal.nmae")
    wrong = wrong.replace("principal.age", "principal has age && principal.age")
    found = ready.change("p.cedar", wrong)
    assert [one["code"] for one in found] == ["CEDAR0405"]
    assert found[0]["severity"] == 1 and "did you mean `name`?" in found[0]["message"]
    start, end = found[0]["range"]["start"], found[0]["range"]["end"]
    assert start == ready.position("p.cedar", "principal.") and end["character"] == 21
    assert ready.change("p.cedar", POLICY.replace("age > 17", "age >")) != []
    assert ready.change("p.cedar", wrong.replace("nmae", "name")) == []
    ready.notify("textDocument/didClose", textDocument={"uri": ready.uri("p.cedar")})
    assert ready.findings("p.cedar") == []


def test_columns_are_utf16(ready):
    found = ready.change("p.cedar", 'permit (principal, action, resource)'
                                    ' when { "😀ü" == 1 && contxt.note == "x" };')
    place = found[0]["range"]["start"]
    text = ready.texts["p.cedar"]
    assert place["character"] == len(text[:text.index("contxt")].encode("utf-16-le")) // 2


def test_the_open_schema_counts(ready):
    assert not any(one["severity"] == 1 for one in ready.change("p.cedar", POLICY.replace(
        "principal.age > 17", "principal has age && principal.age > 17")))
    assert ready.open("s.cedarschema") == []
    ready.findings("p.cedar")
    wrong = SCHEMA.replace("name: String", "nom: String")
    assert ready.change("s.cedarschema", wrong) == []
    assert "CEDAR0405" in [one["code"] for one in ready.findings("p.cedar")]
    broken = ready.change("s.cedarschema", SCHEMA.replace("entity Team;", "entity Taem;"))
    assert [one["code"] for one in broken] == ["CEDAR0204"]


def test_related_places_are_given(ready):
    found = ready.change("p.cedar", '@id("a") permit (principal, action, resource);\n'
                                    '@id("a") permit (principal, action, resource);\n')
    twice = [one for one in found if one["code"] == "CEDAR0601"][0]
    assert twice["relatedInformation"][0]["location"]["range"]["start"]["line"] == 0


# MARK: hover


@pytest.mark.parametrize("before, expected", [
    ("when { principal.na", ["name: String", "As people write it."]),
    ("resource.owner.home.ci", ["city: String"]), ("resource.own", ["owner: User"]),
    ("principal is Us", ["entity User in [Team]", "Who asks."]),
    ('Action::"vi', ['action Action::"view" appliesTo', "principal: [User]", "Looking is free."]),
    ('["edi', ['action Action::"edit it"']), ("context has no", ["note?: String"]),
    ("when { princi", ["principal: User"]), ("|| contex", ["note?: String", "when: datetime"]),
    ("city li", ["pattern"]), ("@i", ["name in answers"]), ("for", ["Denies"])])
def test_hover(ready, before, expected):
    answer = ready.ask("hover", "p.cedar", before)
    assert answer["contents"]["kind"] == "markdown"
    for part in expected:
        assert part in answer["contents"]["value"], answer["contents"]["value"]


def test_hover_in_a_schema_and_over_nothing(ready):
    ready.open("s.cedarschema")
    answer = ready.ask("hover", "s.cedarschema", "home: Pla")
    assert "type Place = {\n  city: String,\n  address: ipaddr,\n}" in answer["contents"]["value"]
    assert ready.ask("hover", "p.cedar", '@id("two"') is None


# MARK: completion


@pytest.mark.parametrize("text, present, absent", [
    ("permit (principal is User, action, resource) when { principal.▮ };",
     {"name", "age", "home", "hasTag"}, {"owner", "lessThan", "contains"}),
    ("permit (principal, action == Action::\"view\", resource) when { resource.owner.home.▮",
     {"city", "address"}, {"name", "hasTag"}),
    ("permit (principal, action, resource) when { resource.labels.▮ };",
     {"contains", "containsAll", "isEmpty"}, {"owner", "isIpv4"}),
    ("permit (principal, action, resource) when { principal.home.address.isI▮",
     {"isIpv4", "isInRange"}, {"contains"}),
    ("permit (principal, action, resource) when { resource[\"owner\"].na▮", {"name"}, set()),
    ("permit (principal, action, resource) when { User::\"a\".▮", {"name", "home"}, {"owner"}),
    ("permit (principal, action, resource) when { context has ▮ };", {"note", "when"}, {"name"}),
    ("permit (principal is ▮", {"User", "Team", "Photo"}, {"principal"}),
    ("permit (principal == ▮, action, resource);", {"User", "?principal"}, set()),
    ("permit (principal, action == ▮, resource);",
     {'Action::"view"', '"edit it"', 'Action::"all"'}, {"User"}),
    ("permit (principal, action in [\"view\", ▮", {'"edit it"'}, {"User"}),
    ("permit (principal, action == Action::▮", {'"view"', '"edit it"'}, set()),
    ("permit (principal, action, resource) when { Colour::▮", {'"red"', '"green"'}, {'"view"'}),
    ("permit (principal, action, resource) when { ▮ };",
     {"principal", "context", "ip", "true", "if", "User"}, {"permit"}),
    ("permit (principal, action, resource)\n▮", {"when", "unless"}, {"permit", "ip"}),
    ("permit (principal, action, resource);\n▮", {"permit", "forbid", "@id"}, {"when"}),
    ("▮", {"permit", "forbid"}, {"when"}), ("@▮", {"id", "priority", "cache"}, {"permit"}),
    ("permit (▮", {"principal", "action", "resource"}, {"when"}),
    ("permit (principal ▮", {"is", "in"}, {"when"}),
    ("permit (principal, action, resource) when { \"a.▮\" };", set(), {"name", "contains"}),
    ("// principal.▮", set(), {"name", "permit"})])
def test_completion(ready, text, present, absent):
    found = typed(ready, text)
    assert present <= found, found
    assert not absent & found, found


def test_completion_without_a_schema(session):
    (session.folder / "s.cedarschema").unlink()
    session.start()
    session.open("p.cedar")
    assert "contains" in typed(session, "permit (principal, action, resource) when { resource.▮")
    assert {"when"} <= typed(session, "permit (principal, action, resource) ▮")


# MARK: navigation


@pytest.mark.parametrize("before, line", [
    ("when { principal.na", "  name: String,"), ("principal is Us", "entity User in [Team] {"),
    ('Action::"vi', 'action view, "edit it" in [all] appliesTo {'),
    ("home.ci", "type Place = { city: String, address: ipaddr };"),
    ("has no", "  context: { note?: String, when: datetime },")])
def test_definition(ready, before, line):
    places = ready.ask("definition", "p.cedar", before)
    assert len(places) == 1 and places[0]["uri"] == ready.uri("s.cedarschema")
    assert SCHEMA.split("\n")[places[0]["range"]["start"]["line"]] == line


def test_references_over_all_files(ready):
    (ready.folder / "sub").mkdir()
    (ready.folder / "sub" / "q.cedar").write_text(
        "permit (principal is User, action, resource);")
    ready.open("s.cedarschema")
    places = ready.ask("references", "s.cedarschema", "entity Use",
                       context={"includeDeclaration": False})
    assert [(one["uri"].rsplit("/", 1)[1], one["range"]["start"]["line"]) for one in places] == [
        ("s.cedarschema", 9), ("s.cedarschema", 13), ("p.cedar", 1), ("q.cedar", 0)]


@pytest.mark.parametrize("name, before, new", [
    ("p.cedar", "when { principal.na", "fullName"), ("p.cedar", "principal is Us", "Person"),
    ("p.cedar", 'Action::"vi', "look at"), ("s.cedarschema", "type Pla", "Address"),
    ("p.cedar", "|| context has no", "remark")])
def test_rename_leaves_everything_valid(ready, name, before, new):
    start = POLICY.replace("principal.age", "principal has age && principal.age")
    (ready.folder / "p.cedar").write_text(start)
    ready.change("p.cedar", start)
    ready.open("s.cedarschema")
    span = ready.ask("prepareRename", name, before)
    assert span["start"]["line"] == ready.position(name, before)["line"]
    assert ready.ask("prepareRename", "p.cedar", "when {") is None
    changes = ready.ask("rename", name, before, newName=new)["changes"]
    for file in ("s.cedarschema", "p.cedar"):
        if ready.uri(file) in changes:
            text = ready.applied(file, changes[ready.uri(file)])
            assert new in text
            (ready.folder / file).write_text(text)
    assert ready.uri("s.cedarschema") in changes
    checked = policyc.run("check", "p.cedar", folder=ready.folder, code=0)
    assert "no findings" in checked.out


@pytest.mark.parametrize("before, new", [
    ("principal is Us", "Team"), ("principal is Us", "a b"), ("when { principal.na", "if"),
    ('Action::"vi', "all"), ("@i", "x")])
def test_rename_refuses(ready, before, new):
    with pytest.raises(lsp.Failed) as failed:
        ready.ask("rename", "p.cedar", before, newName=new)
    assert failed.value.code == -32803 and failed.value.message


# MARK: editing


def test_formatting(ready):
    ready.change("p.cedar", "permit(principal,action,resource)when{context.note==\"😀\"};")
    options = {"tabSize": 2, "insertSpaces": True}
    edits = ready.request("textDocument/formatting", textDocument={"uri": ready.uri("p.cedar")},
                          options=options)
    laid_out = ready.applied("p.cedar", edits)
    assert laid_out == policyc.run("fmt", "-", stdin=ready.texts["p.cedar"], code=0).out
    ready.change("p.cedar", laid_out)
    for text in (laid_out, "permit ("):
        ready.change("p.cedar", text)
        assert ready.request("textDocument/formatting", options=options,
                             textDocument={"uri": ready.uri("p.cedar")}) == []


@pytest.mark.parametrize("old, new, expected", [
    ("principal.name", "principal.nmae", "principal.name"),
    ("is User", "is Usr", "is User"), ('Action::"view"', 'Action::"veiw"', 'Action::"view"'),
    ('@id("two")', '@cahce("off") @id("two")', '@cache("off") @id("two")'),
    ("context has", "contxt has", "context has"), ('@id("two")\n', "", '@id("policy-1")\n')])
def test_quick_fixes(ready, old, new, expected):
    ready.change("p.cedar", POLICY.replace(old, new))
    end = {"line": 100, "character": 0}
    actions = ready.request(
        "textDocument/codeAction", textDocument={"uri": ready.uri("p.cedar")},
        range={"start": {"line": 0, "character": 0}, "end": end}, context={"diagnostics": []})
    texts = [ready.applied("p.cedar", one["edit"]["changes"][ready.uri("p.cedar")])
             for one in actions]
    assert any(expected in text for text in texts), [one["title"] for one in actions]
    assert all(one["kind"] == "quickfix" and one["title"] for one in actions)


def test_symbols(ready):
    found = ready.request("textDocument/documentSymbol",
                          textDocument={"uri": ready.uri("p.cedar")})
    assert [(one["name"], one["detail"]) for one in found] == [
        ("ü😀", "permit"), ("two", "forbid")]
    ready.open("s.cedarschema")
    found = ready.request("textDocument/documentSymbol",
                          textDocument={"uri": ready.uri("s.cedarschema")})
    assert [one["name"] for one in found if one["detail"] == "action"] == [
        'Action::"view"', 'Action::"edit it"', 'Action::"all"']


def test_the_client_can_name_the_schema(session):
    (session.folder / "other").mkdir()
    (session.folder / "s.cedarschema").rename(session.folder / "other" / "x.cedarschema")
    session.start(initializationOptions={"schema": "other/x.cedarschema"})
    session.open("p.cedar")
    assert "age" in typed(session, "permit (principal is User, action, resource) when"
                                   " { principal.▮ };")


def test_the_shipped_policies_in_an_editor(session):
    """Every place of the shipped files can be asked about, and the server lives."""
    root = session.folder
    for name in ("routing-rules.cedar", "gateway.cedarschema"):
        with open(f"{policyc.ROOT}/policies/{name}", encoding="utf-8") as file:
            (root / name).write_text(file.read())
    (root / "s.cedarschema").unlink()
    session.start()
    assert not [one for one in session.open("routing-rules.cedar") if one["severity"] < 4]
    text = session.texts["routing-rules.cedar"]
    uri = {"uri": session.uri("routing-rules.cedar")}
    lines = text.split("\n")
    for number in range(0, len(lines), 3):
        for character in range(0, len(lines[number]), 7):
            place = {"line": number, "character": character}
            session.request("textDocument/hover", textDocument=uri, position=place)
            session.request("textDocument/completion", textDocument=uri, position=place)
    answer = json.dumps(session.ask("hover", "routing-rules.cedar", "context.cost_budget_rem"))
    assert "decimal" in answer and "USD" in answer


@pytest.mark.parametrize("cut", ["prefix", "gap"])
def test_the_server_lives_through_every_half_written_text(ready, cut):
    """As a text grows letter by letter, and as pieces are missing from it."""
    text = POLICY.replace("😀", "é")
    for place in range(0, len(text), 2):
        left = text[:place] if cut == "prefix" else text[:place] + text[place + 9:]
        ready.change("p.cedar", left)
        position = ready.position("p.cedar", left[:place])
        for method in ("hover", "completion", "definition", "references", "prepareRename"):
            ready.request(f"textDocument/{method}", position=position,
                          textDocument={"uri": ready.uri("p.cedar")})
    schema = SCHEMA
    ready.open("s.cedarschema")
    for place in range(0, len(schema), 5):
        left = schema[:place] if cut == "prefix" else schema[:place] + schema[place + 9:]
        ready.change("s.cedarschema", left)
        ready.request("textDocument/references", textDocument={"uri": ready.uri("s.cedarschema")},
                      position=ready.position("s.cedarschema", left[:place]))
        ready.request("textDocument/hover", textDocument={"uri": ready.uri("p.cedar")},
                      position=ready.position("p.cedar", "", "when") if cut == "gap" else
                      {"line": 0, "character": 0})
    assert ready.stop() == 0
