// SPDX-License-Identifier: MIT
//
// Starts `policyc lsp` and hands everything over to it.

"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

function start() {
  const settings = vscode.workspace.getConfiguration("cedar.policyc");
  const server = {
    command: settings.get("path") || "policyc",
    args: ["lsp"],
    transport: TransportKind.stdio,
  };
  const schema = settings.get("schema");
  client = new LanguageClient("cedar", "Cedar (policyc)", server, {
    documentSelector: [{ language: "cedar" }, { language: "cedarschema" }],
    initializationOptions: schema ? { schema } : {},
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.cedarschema") },
  });
  return client.start();
}

async function restart() {
  if (client) await client.stop();
  await start();
}

function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("cedar.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("cedar.policyc")) restart();
    })
  );
  return start();
}

function deactivate() {
  return client ? client.stop() : undefined;
}

module.exports = { activate, deactivate };
