// SPDX-License-Identifier: MIT

import ArgumentParser
import PolicyCompiler

struct VisualizeCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case dot
    case svg
  }

  static let configuration = CommandConfiguration(
    commandName: "visualize",
    abstract: "Draws the hierarchy of entities, in Graphviz's language or as SVG.")

  @Option(help: "Entities in their JSON form.", completion: .file())
  var entities: String

  @OptionGroup var schema: SchemaOptions

  @Option(help: "dot or svg.")
  var format = Format.dot

  @Option(
    name: .shortAndLong, help: "The file to write, in place of standard output.",
    completion: .file())
  var output: String?

  /// More entities make a drawing that nobody can read.
  static let entitiesMax = 5_000

  func run() throws {
    try ReferenceExit.run {
      let schema = try schema.load()
      let data = try Files.data(entities) { try readEntities($0, schema: schema) }
      guard data.count <= Self.entitiesMax || format == .dot else {
        throw Console.fail("\(data.count) entities; at most \(Self.entitiesMax) are drawn as SVG")
      }
      let graph = EntityGraph(data)
      let text = format == .dot ? graph.dot : graph.svg
      if let output { try Files.write(text, to: output) } else { Console.out(text) }
    }
  }
}
