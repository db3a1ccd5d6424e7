// SPDX-License-Identifier: MIT

/// Equality as the language defines it, and a total order that agrees with it.
///
/// Recursion is bounded by the nesting of values, which readers of data and the compiler bound.
extension Value {
  /// Whether two values are equal; never an error, values of different kinds are unequal.
  @inline(__always)
  static func same(_ left: Value, _ right: Value) -> Bool {
    if left.header != right.header { return false }
    if left.payload == right.payload { return true }
    switch left.rawKind {
    case ValueKind.string.rawValue: return Cells.same(left.bytes, right.bytes)
    case ValueKind.set.rawValue, ValueKind.record.rawValue, ValueKind.ip.rawValue:
      return compareContent(left, right) == 0
    default: return false
    }
  }

  /// Negative, zero or positive: by header, then by content.
  static func compare(_ left: Value, _ right: Value) -> Int {
    if left.header != right.header { return left.header < right.header ? -1 : 1 }
    if left.payload == right.payload { return 0 }
    return compareContent(left, right)
  }

  /// For values with equal headers.
  @inline(never)
  private static func compareContent(_ left: Value, _ right: Value) -> Int {
    switch left.kind {
    case .string: compareBytes(left.bytes, right.bytes)
    case .set: compareCells(left.elements, right.elements)
    case .record: compareCells(left.fields, right.fields)
    case .ip where left.isVersion6: compareRanges(left.range, right.range)
    default: left.payload == right.payload ? 0 : left.payload < right.payload ? -1 : 1
    }
  }

  private static func compareBytes(_ left: Cells<UInt8>, _ right: Cells<UInt8>) -> Int {
    var index = 0
    let shorter = min(left.count, right.count)
    while index &+ 8 <= shorter, left.word(at: index) == right.word(at: index) { index &+= 8 }
    while index < shorter {
      let (first, second) = (left[index], right[index])
      if first != second { return first < second ? -1 : 1 }
      index &+= 1
    }
    return left.count - right.count
  }

  private static func compareCells(_ left: Cells<Value>, _ right: Cells<Value>) -> Int {
    var index = 0
    let shorter = min(left.count, right.count)
    while index < shorter {
      let order = compare(left[index], right[index])
      if order != 0 { return order }
      index &+= 1
    }
    return left.count - right.count
  }

  private static func compareRanges(_ left: IPRange, _ right: IPRange) -> Int {
    if left.high != right.high { return left.high < right.high ? -1 : 1 }
    return left.low == right.low ? 0 : left.low < right.low ? -1 : 1
  }

  /// Whether a set holds an element: binary search in canonical order.
  static func contains(_ set: Value, _ element: Value) -> Bool {
    let elements = set.elements
    if elements.count <= 8 {
      var index = 0
      while index < elements.count {
        if same(elements[index], element) { return true }
        index &+= 1
      }
      return false
    }
    var low = 0
    var high = elements.count
    while low < high {
      let middle = (low &+ high) / 2
      let order = compare(elements[middle], element)
      if order == 0 { return true }
      if order < 0 { low = middle &+ 1 } else { high = middle }
    }
    return false
  }

  /// Whether `set` holds every element of `other`.
  static func containsAll(_ set: Value, _ other: Value) -> Bool {
    let wanted = other.elements
    if wanted.count > set.count { return false }
    var index = 0
    while index < wanted.count {
      if !contains(set, wanted[index]) { return false }
      index &+= 1
    }
    return true
  }

  /// Whether the sets share an element; the smaller one is walked.
  static func containsAny(_ set: Value, _ other: Value) -> Bool {
    let (small, large) = set.count < other.count ? (set, other) : (other, set)
    let elements = small.elements
    var index = 0
    while index < elements.count {
      if contains(large, elements[index]) { return true }
      index &+= 1
    }
    return false
  }
}

/// In-place heap sort into canonical order: no allocation, no recursion, no bad case.
enum CanonicalSort {
  /// Sorts groups of `stride` cells by their first cell.
  static func sort(_ cells: Cells<Value>, stride: Int) {
    let count = cells.count / stride
    if count <= 16 { return insertionSort(cells, stride, count) }
    var root = count / 2
    while root > 0 {
      root &-= 1
      sift(cells, stride, root, count)
    }
    var last = count &- 1
    while last > 0 {
      swap(cells, stride, 0, last)
      sift(cells, stride, 0, last)
      last &-= 1
    }
  }

  private static func insertionSort(_ cells: Cells<Value>, _ stride: Int, _ count: Int) {
    var index = 1
    while index < count {
      var place = index
      while place > 0,
        Value.compare(cells[(place &- 1) &* stride], cells[place &* stride]) > 0
      {
        swap(cells, stride, place &- 1, place)
        place &-= 1
      }
      index &+= 1
    }
  }

  private static func sift(_ cells: Cells<Value>, _ stride: Int, _ start: Int, _ count: Int) {
    var root = start
    while true {
      var child = root &* 2 &+ 1
      if child >= count { return }
      if child &+ 1 < count,
        Value.compare(cells[child &* stride], cells[(child &+ 1) &* stride]) < 0
      {
        child &+= 1
      }
      if Value.compare(cells[root &* stride], cells[child &* stride]) >= 0 { return }
      swap(cells, stride, root, child)
      root = child
    }
  }

  private static func swap(_ cells: Cells<Value>, _ stride: Int, _ first: Int, _ second: Int) {
    for offset in 0..<stride {
      let kept = cells[first &* stride &+ offset]
      cells[first &* stride &+ offset] = cells[second &* stride &+ offset]
      cells[second &* stride &+ offset] = kept
    }
  }
}
