#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the virtual environments of the integration tests: the newest SDKs of the providers, older
# generations of them (`openai` 1.x, `anthropic` 0.x), and LangChain with LiteLLM, which pin what
# they stand on. Does nothing where they are there and the requirements have not changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
for name in latest 1 frameworks; do
  environment="$here/.venv/openai-$name"
  [ "$name" != frameworks ] || environment="$here/.venv/frameworks"
  requirements="$here/requirements-$name.txt"
  if [ -x "$environment/bin/python" ] && cmp -s "$requirements" "$environment/installed.txt"; then
    continue
  fi
  echo "setup: $environment"
  "$python" -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
    --timeout 60 --retries 3 -r "$requirements"
  cp "$requirements" "$environment/installed.txt"
done
