// SPDX-License-Identifier: MIT

import Telemetry

/// A checked-in file whose content the code knows.
struct GeneratedFile {
  let path: String
  let content: () -> String

  static var all: [GeneratedFile] {
    [GeneratedFile(path: "docs/reference/metrics.md", content: { MetricReference.markdown() })]
  }
}
