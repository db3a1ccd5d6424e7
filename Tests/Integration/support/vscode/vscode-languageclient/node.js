// SPDX-License-Identifier: MIT
//
// Says what the client was made with, in place of starting it.

"use strict";

class LanguageClient {
  constructor(id, name, server, options) {
    this.made = { id, name, server, options };
  }

  async start() {
    console.log(JSON.stringify(this.made));
  }

  async stop() {
    console.log("stopped");
  }
}

module.exports = { LanguageClient, TransportKind: { stdio: 0 } };
