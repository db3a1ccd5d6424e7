// SPDX-License-Identifier: MIT

/// The sections of an image, typed. Nothing here has been checked but bounds.
struct Sections: Sendable {
  let strings: Cells<StringRecord>
  let stringBytes: Cells<UInt8>
  let types: Cells<UInt32>
  let entities: Cells<EntityRecord>
  let attributes: Cells<UInt32>
  let contextSlots: Cells<UInt32>
  let constants: Cells<ConstantRecord>
  let lists: Cells<UInt32>
  let patterns: Cells<RunRecord>
  let shapes: Cells<RunRecord>
  let code: Cells<Instruction>
  let conjuncts: Cells<RunRecord>
  let policies: Cells<PolicyRecord>
  let policyConjuncts: Cells<UInt32>
  let actions: Cells<ActionRecord>
  let principalKeys: Cells<ScopeKeyRecord>
  let resourceKeys: Cells<ScopeKeyRecord>
  let buckets: Cells<BucketRecord>
  let leads: Cells<LeadRecord>
  let cases: Cells<LeadCaseRecord>
  let postings: Cells<UInt32>
  let metadata: Cells<MetadataRecord>
  let annotations: Cells<AnnotationRecord>
  let sourceMap: Cells<SpanRecord>

  init(_ reader: ImageReader) {
    strings = reader.cells(.strings)
    stringBytes = reader.cells(.stringBytes)
    types = reader.cells(.types)
    entities = reader.cells(.entities)
    attributes = reader.cells(.attributes)
    contextSlots = reader.cells(.contextSlots)
    constants = reader.cells(.constants)
    lists = reader.cells(.lists)
    patterns = reader.cells(.patterns)
    shapes = reader.cells(.shapes)
    code = reader.cells(.code)
    conjuncts = reader.cells(.conjuncts)
    policies = reader.cells(.policies)
    policyConjuncts = reader.cells(.policyConjuncts)
    actions = reader.cells(.actions)
    principalKeys = reader.cells(.principalKeys)
    resourceKeys = reader.cells(.resourceKeys)
    buckets = reader.cells(.buckets)
    leads = reader.cells(.leads)
    cases = reader.cells(.cases)
    postings = reader.cells(.postings)
    metadata = reader.cells(.metadata)
    annotations = reader.cells(.annotations)
    sourceMap = reader.cells(.sourceMap)
  }
}
