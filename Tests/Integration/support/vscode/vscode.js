// SPDX-License-Identifier: MIT
//
// As much of the editor's interface as the client in editors/vscode uses.

"use strict";

const settings = { path: process.env.POLICYC, schema: "policies/x.cedarschema" };

module.exports = {
  workspace: {
    getConfiguration: (name) => ({
      get: (key) => (name === "cedar.policyc" ? settings[key] : undefined),
    }),
    createFileSystemWatcher: (pattern) => ({ pattern }),
    onDidChangeConfiguration: () => ({}),
  },
  commands: { registerCommand: (name) => ({ name }) },
};
