// SPDX-License-Identifier: MIT

/// The value of `gen_ai.provider.name` for a provider of the catalogue. Names that the conventions
/// do not know (`ollama`, `vllm`, the scripted provider) stand as they are.
public func semanticProviderName(_ provider: String) -> String {
  switch provider {
  case "azure", "azure_openai", "azure-openai": "azure.ai.openai"
  case "bedrock", "aws_bedrock", "aws-bedrock": "aws.bedrock"
  case "google", "gemini": "gcp.gemini"
  case "vertex", "vertex_ai", "vertex-ai": "gcp.vertex_ai"
  case "xai": "x_ai"
  default: provider
  }
}
