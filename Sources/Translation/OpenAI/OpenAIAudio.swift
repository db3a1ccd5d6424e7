// SPDX-License-Identifier: MIT

internal import JSON

/// Sound in chat completions: `input_audio.format` is one of two.
enum OpenAIAudio {
  /// Nil for a format that the API does not have. Without a type it is taken for the common one.
  static func format(of media: Media) -> StaticString? {
    switch media.mediaType?.plain.lowercased() {
    case nil, "audio/wav", "audio/wave", "audio/x-wav", "audio/vnd.wave": "wav"
    case "audio/mp3", "audio/mpeg", "audio/mpeg3", "audio/x-mp3": "mp3"
    default: nil
    }
  }
}
