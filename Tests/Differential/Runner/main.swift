// SPDX-License-Identifier: MIT
//
// differential [--programs N] [--batches N] [--schemas N] [--seed S] [--seconds T] [--open-ended]
//
// Generated programs against the plain evaluator, and generated requests of generated schemas as
// the decoder and the general reader read them. In release it checks a hundred thousand where the
// unit tests, in debug, check a few thousand.

import Foundation
import PolicyDifferential

var programs = 100_000
var batches = 20_000
var schemas = 2_000
var seed: UInt64 = 1
var seconds = 300.0
/// Fewer than asked for are enough: what counts is that none disagrees.
var isOpenEnded = false
var arguments = CommandLine.arguments.dropFirst()
while let name = arguments.popFirst() {
  if name == "--open-ended" {
    isOpenEnded = true
    continue
  }
  let value = arguments.popFirst() ?? ""
  switch name {
  case "--programs": programs = Int(value) ?? programs
  case "--batches": batches = Int(value) ?? batches
  case "--schemas": schemas = Int(value) ?? schemas
  case "--seed": seed = UInt64(value) ?? seed
  case "--seconds": seconds = Double(value) ?? seconds
  default:
    print(
      "usage: differential [--programs N] [--batches N] [--schemas N] [--seed S] [--seconds T]")
    exit(2)
  }
}

let first = Differential.programs(programs, firstSeed: seed, seconds: seconds)
print(
  "differential: \(first.ran) programs, \(first.allowed) requests allowed, "
    + "\(first.failed) with errors; \(first.led) policies found by an attribute")
let second = Differential.batches(batches, firstSeed: seed, seconds: seconds)
print(
  "differential: \(second.ran) batch plans, \(second.verdicts) verdicts; \(second.led) groups of "
    + "policies found by an attribute")
let third = Differential.requests(schemas, firstSeed: seed, seconds: seconds)
print(
  "differential: \(third.requests) requests of \(third.ran) schemas, \(third.valid) readings "
    + "succeed, \(third.taken) of them by the decoder")
let disagreements = [first.disagreement, second.disagreement, third.disagreement].compactMap { $0 }
for disagreement in disagreements { print("DISAGREEMENT at \(disagreement)") }
let isComplete = first.ran == programs && second.ran == batches && third.ran == schemas
if !isComplete && !isOpenEnded { print("differential: not all were checked") }
exit(disagreements.isEmpty && (isComplete || isOpenEnded) ? 0 : 1)
