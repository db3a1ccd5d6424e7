// SPDX-License-Identifier: MIT

import Bytes
import JSON
import Testing

@Suite struct ModelParametersTests {
  static func strings(_ span: JSONSpan, in text: ByteView) -> [String] {
    var found: [String] = []
    span.forEachString(in: text) { found.append(text[$0.contents].string) }
    return found
  }

  @Test func allOfThem() {
    let body = """
      {"model": "m", "messages": [{"role": "user", "content": "{\\"seed\\": 1}"}], "seed": -7,
       "temperature": 0.25, "top_p": 1e-1, "top_k": 40, "frequency_penalty": null,
       "presence_penalty": 2, "stop": [ "a", "b\\n" ,"c"],
       "dimensions": 256, "encoding_format": "base64"}
      """
    body.withByteView { text in
      let found = ModelParameters(scanning: text)
      #expect(text[found.temperature.range].string == "0.25")
      #expect(text[found.topP.range].string == "1e-1")
      #expect(found.topK.integer(in: text) == 40 && found.seed.integer(in: text) == -7)
      #expect(found.frequencyPenalty == .absent)
      #expect(found.presencePenalty.integer(in: text) == 2)
      #expect(Self.strings(found.stop, in: text) == ["a", "b\\n", "c"])
      #expect(found.dimensions.integer(in: text) == 256)
      #expect(text[found.encodingFormat.contents].string == "base64")
    }
  }

  @Test func oneStopString() {
    #"{"stop":"end"}"#.withByteView { text in
      #expect(Self.strings(ModelParameters(scanning: text).stop, in: text) == ["end"])
    }
    #"{"stop":[1,["x"],{}]}"#.withByteView { text in
      #expect(Self.strings(ModelParameters(scanning: text).stop, in: text).isEmpty)
    }
  }

  @Test(arguments: ["", "[]", "7", "{", #"{"seed""#, #"{"seed":"#, #"{"seed":1"#, #"{"stop":["#])
  func whatIsNoObjectEndsTheWalk(text: String) {
    text.withByteView { view in
      let found = ModelParameters(scanning: view)
      #expect(!found.temperature.isPresent && Self.strings(found.stop, in: view).isEmpty)
    }
  }
}
