// SPDX-License-Identifier: MIT
//
// micro [--format text|json] [--filter PART] [--check]

import Foundation

var harness = Harness()
var format = "text"
var checks = false
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--format": format = arguments.popFirst() ?? ""
  case "--filter": harness.filter = arguments.popFirst() ?? ""
  case "--check": checks = true
  default: format = ""
  }
}
guard format == "text" || format == "json" else {
  FileHandle.standardError.write(
    Data("usage: micro [--format text|json] [--filter PART] [--check]\n".utf8))
  exit(2)
}

HeadBenchmarks.run(&harness)
JSONBenchmarks.run(&harness)
try RoutingBenchmarks.run(&harness)
SignatureBenchmarks.run(&harness)
try TranslationBenchmarks.run(&harness)

print(format == "json" ? try Report.json(harness.results) : Report.text(harness.results))
let verdict = try Report.judge(harness.results)
if format == "text" { verdict.lines.forEach { print($0) } }
exit(checks && !verdict.met ? 1 : 0)
