// SPDX-License-Identifier: MIT

internal import Clocks
public import ModelCatalog

extension AWSSettings {
  /// The whole chain (providers.md 5.1): the bearer key of Bedrock, keys of the environment, the
  /// shared files, web identity, containers, the instance.
  public func fetch(_ surroundings: Surroundings) -> FetchChain {
    if let accessKeyID {
      let keys = AWSGivenKeys(
        id: accessKeyID, secret: secretAccessKey, token: sessionToken,
        origin: "the configuration")
      return FetchChain([keys], nothingFound: "no AWS credentials were found")
    }
    if let profile {
      return FetchChain(
        [AWSProfileFetch(profile: profile, isNamed: true, surroundings)],
        nothingFound: "no AWS credentials were found in profile `\(profile)`")
    }
    return FetchChain(
      [
        AWSEnvironmentFetch(surroundings),
        AWSProfileFetch(
          profile: surroundings["AWS_PROFILE"] ?? "default",
          isNamed: surroundings["AWS_PROFILE"] != nil, surroundings),
        AWSWebIdentityFetch(self, surroundings),
        AWSContainerFetch(surroundings),
        AWSInstanceFetch(self, surroundings),
      ], nothingFound: "no AWS credentials were found")
  }
}

/// Keys that are written down.
struct AWSGivenKeys: CredentialFetch {
  let id: String
  let secret: Secret
  let token: Secret
  let origin: String

  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep { step }

  var step: FetchStep {
    guard let keys = AWSKeys(accessKeyID: id, secret: secret, sessionToken: token) else {
      return .failed(
        FetchFailure("the AWS keys of \(origin) are incomplete, or no visible ASCII"))
    }
    return .issued(IssuedCredential(.aws(keys), origin: origin))
  }
}

/// `AWS_BEARER_TOKEN_BEDROCK`, else `AWS_ACCESS_KEY_ID` and its like.
struct AWSEnvironmentFetch: CredentialFetch {
  private let surroundings: Surroundings

  init(_ surroundings: Surroundings) { self.surroundings = surroundings }

  mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    if let bearer = surroundings["AWS_BEARER_TOKEN_BEDROCK"] {
      guard Secret(bearer).isFieldValue else {
        return .failed(FetchFailure("AWS_BEARER_TOKEN_BEDROCK is not visible ASCII"))
      }
      return .issued(
        IssuedCredential(.token(Secret(bearer)), origin: "AWS_BEARER_TOKEN_BEDROCK"))
    }
    guard let id = surroundings["AWS_ACCESS_KEY_ID"] else {
      return .absent("AWS_ACCESS_KEY_ID is not set")
    }
    guard let secret = surroundings["AWS_SECRET_ACCESS_KEY"] else {
      return .failed(
        FetchFailure("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"))
    }
    return AWSGivenKeys(
      id: id, secret: Secret(secret), token: Secret(surroundings["AWS_SESSION_TOKEN"] ?? ""),
      origin: "the environment"
    ).step
  }
}
