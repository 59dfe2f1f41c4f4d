/// The entry of `candidates` that differs least from a mistyped `word`, if one is near.
package func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
  let wanted = Array(word.utf8)
  guard wanted.count <= 64 else { return nil }
  let limit = max(1, wanted.count / 3)
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let letters = Array(candidate.utf8)
    guard abs(letters.count - wanted.count) <= limit else { continue }
    let distance = editDistance(wanted, letters)
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

/// `did you mean "read"?`, or nothing.
package func suggestion(for word: String, in candidates: some Sequence<String>) -> String {
  nearest(to: word, in: candidates).map { "did you mean \"\($0)\"?" } ?? ""
}

/// Levenshtein's distance with neighbouring letters exchanged counted as one change.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
  var beforeLast = Array(repeating: 0, count: right.count + 1)
  var last = Array(0...right.count)
  for row in 1...left.count {
    var current = [row] + Array(repeating: 0, count: right.count)
    for column in 1...right.count {
      let same = left[row - 1] == right[column - 1]
      current[column] = min(
        last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1))
      if row > 1, column > 1, left[row - 1] == right[column - 2],
        left[row - 2] == right[column - 1]
      {
        current[column] = min(current[column], beforeLast[column - 2] + 1)
      }
    }
    (beforeLast, last) = (last, current)
  }
  return last[right.count]
}
