// SPDX-License-Identifier: MIT

import Credentials
import ModelCatalog
import Testing

@Suite struct AWSFetchTests {
  static let keys = [
    "AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "secret-of-env",
    "AWS_SESSION_TOKEN": "token1",
  ]
  static let agent =
    #"{"Code":"Success","AccessKeyId":"ASIA2","SecretAccessKey":"s","Token":"t2","#
    + #""Expiration":"2023-11-14T23:13:20Z","LastUpdated":"x","Nested":{"a":[1]}}"#

  func fetch(
    _ environment: [String: String], _ settings: AWSSettings = AWSSettings(region: "eu-west-1")
  ) -> FetchChain {
    settings.fetch(Surroundings(environment: environment))
  }

  @Test func theEnvironmentComesFirst() {
    var driver = FetchDriver(files: ["/home/.aws/credentials": "[default]\naws_access_key_id=X"])
    var environment = Self.keys
    environment["HOME"] = "/home"
    #expect(driver.run(fetch(environment)).awsText == "AKIA1:token1")
    environment["AWS_BEARER_TOKEN_BEDROCK"] = "bedrock-api-key"
    #expect(driver.run(fetch(environment)).token == "bedrock-api-key")
    environment = ["AWS_ACCESS_KEY_ID": "AKIA1"]
    #expect(
      driver.run(fetch(environment)).failure?.summary
        == "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")
  }

  @Test func sharedFilesGiveProfiles() {
    let credentials = """
      # a remark
      [default]
      aws_access_key_id = AKID   # of nobody
      aws_secret_access_key=s3cr#et
      s3 =
        max_concurrent_requests = 20
      [work]
      aws_access_key_id=AKIW
      aws_secret_access_key=x
      aws_session_token=tw
      """
    let configuration = """
      [profile plain]
      region = eu-west-1
      [profile role]
      role_arn = arn:aws:iam::1:role/r
      source_profile = default
      [profile sso]
      sso_session = s
      [profile here]
      aws_access_key_id = AKIH
      aws_secret_access_key = h
      """
    var driver = FetchDriver(
      files: ["/h/.aws/credentials": credentials, "/h/.aws/config": configuration])
    #expect(driver.run(fetch(["HOME": "/h"])).awsText == "AKID:")
    #expect(driver.run(fetch(["HOME": "/h", "AWS_PROFILE": "work"])).awsText == "AKIW:tw")
    var settings = AWSSettings(region: "eu-west-1")
    settings.profile = "here"
    // A profile that is named in the configuration goes before the environment.
    #expect(
      driver.run(fetch(Self.keys.merging(["HOME": "/h"]) { $1 }, settings)).awsText == "AKIH:")
    for (profile, words) in [
      ("role", "uses `role_arn`, which the gateway does not support"),
      ("sso", "uses `sso_session`, which the gateway does not support"),
      ("plain", "profile `plain` has no keys"), ("gone", "in neither of the shared files"),
    ] {
      settings.profile = profile
      let summary = driver.run(fetch(["HOME": "/h"], settings)).failure?.summary
      #expect(summary?.contains(words) == true, "\(profile): \(summary ?? "none")")
    }
  }

  @Test func aWebIdentityIsExchangedAtSTS() throws {
    let environment = [
      "AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    ]
    let answer = """
      <AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
      <SessionToken>tok+en/=</SessionToken><SecretAccessKey>s&amp;k</SecretAccessKey>
      <Expiration>2023-11-14T22:28:20Z</Expiration><AccessKeyId>ASIAW</AccessKeyId>
      </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
      """
    var driver = FetchDriver(
      files: ["/token": "eyJ.web.token\n"],
      answers: ["POST https://sts.eu-west-1.amazonaws.com/": (200, answer)])
    let step = driver.run(fetch(environment))
    #expect(step.awsText == "ASIAW:tok+en/=")
    #expect(step.lifeSeconds == 900)
    #expect(
      driver.lastBody
        == "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
        + "&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=gateway"
        + "&WebIdentityToken=eyJ.web.token")
    driver.answers = [
      "POST https://sts.eu-west-1.amazonaws.com/": (
        400, "<Error><Code>ExpiredTokenException</Code><Message>Token expired</Message></Error>"
      )
    ]
    let failure = try #require(driver.run(fetch(environment)).failure)
    #expect(failure.summary == "STS answered 400 (ExpiredTokenException)")
    #expect(failure.detail == "Token expired")
    driver.files = [:]
    #expect(
      driver.run(fetch(environment)).failure?.summary
        == "the web identity token `/token` cannot be read: no such file or directory")
  }

  @Test func containersAskTheirAgent() {
    var driver = FetchDriver(
      files: ["/run/token": "of-the-pod\n"],
      answers: [
        "GET http://169.254.170.2/v2/credentials/x": (200, Self.agent),
        "GET http://169.254.170.23/v1/credentials": (200, Self.agent),
      ])
    let relative = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x"]
    #expect(driver.run(fetch(relative)).awsText == "ASIA2:t2")
    #expect(driver.header("authorization", of: 0) == nil)
    let full = [
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/run/token",
    ]
    let step = driver.run(fetch(full))
    #expect(step.awsText == "ASIA2:t2")
    #expect(step.lifeSeconds == 3_600)
    #expect(driver.header("authorization", of: 1) == "of-the-pod")
  }

  /// The authorization token must not go to just any host in plain text.
  @Test(arguments: [
    "http://example.com/creds", "http://127.0.0.1.example.com/", "http://127.evil.0.1/",
    "ftp://127.0.0.1/", "http://169.254.170.2.example.com/", "http://[::2]/",
  ])
  func plainTextToOthersIsRefused(_ url: String) {
    var driver = FetchDriver()
    let step = driver.run(
      fetch([
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t",
      ]))
    #expect(step.failure?.summary.contains("must be https") == true)
    #expect(driver.requests.isEmpty)
  }

  @Test func instancesAskTheMetadataServiceWithAToken() {
    let base = "http://169.254.169.254/latest"
    var driver = FetchDriver(answers: [
      "PUT \(base)/api/token": (200, "session"),
      "GET \(base)/meta-data/iam/security-credentials/": (200, "my-role\n"),
      "GET \(base)/meta-data/iam/security-credentials/my-role": (200, Self.agent),
    ])
    #expect(driver.run(fetch([:])).awsText == "ASIA2:t2")
    #expect(driver.header("x-aws-ec2-metadata-token-ttl-seconds", of: 0) == "21600")
    #expect(driver.header("x-aws-ec2-metadata-token", of: 1) == "session")
    #expect(driver.header("x-aws-ec2-metadata-token", of: 2) == "session")
    #expect(driver.requests.map(\.isLocal) == [true, true, true])
    driver.answers["PUT \(base)/api/token"] = (403, "")
    #expect(driver.run(fetch([:])).failure?.summary.contains("answered 403") == true)
  }

  @Test func whenThereIsNothingTheReasonsAreTold() throws {
    var driver = FetchDriver()
    let failure = try #require(driver.run(fetch(["HOME": "/h"])).failure)
    #expect(failure.summary == "no AWS credentials were found")
    for words in [
      "AWS_ACCESS_KEY_ID is not set", "profile `default` has no keys", "AWS_ROLE_ARN",
      "AWS_CONTAINER", "cannot be reached: connection refused",
    ] {
      #expect(failure.detail.contains(words), "\(failure.detail)")
    }
    let disabled = driver.run(fetch(["AWS_EC2_METADATA_DISABLED": "true"]))
    #expect(disabled.failure?.detail.contains("AWS_EC2_METADATA_DISABLED is true") == true)
  }

  @Test(arguments: ["", "{", "[]", #"{"AccessKeyId":"a"}"#, #"{"Code":"Failed"}"#])
  func answersThatAreNoneEndInAFailure(_ body: String) {
    var driver = FetchDriver(answers: ["GET http://169.254.170.2/x": (200, body)])
    let step = driver.run(fetch(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"]))
    #expect(step.failure != nil)
  }
}
