#!/usr/bin/env bash
# Installs MSAL Python and MSAL Node, at the versions pinned beside this file, into a folder:
#     host-tests/peers/install.sh target/peers
# creates target/peers/python and target/peers/node. What is already installed is not changed.
set -euo pipefail

if [ $# != 1 ]; then
    echo "usage: $0 DIR" >&2
    exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
target=$(cd "$1" && pwd)

absent() {
    echo "$0: $1 is needed to compare the component with $2" >&2
    exit 1
}
command -v python3 > /dev/null || absent "python3" "MSAL Python"
python3 -m pip --version > /dev/null 2>&1 || absent "pip (python3 -m pip)" "MSAL Python"
command -v node > /dev/null || absent "node, 20 or newer," "MSAL Node"
command -v npm > /dev/null || absent "npm" "MSAL Node"
[ "$(node -p 'parseInt(process.versions.node) >= 20')" = true ] || absent "node, 20 or newer," "MSAL Node"

# A stamp names the versions that a folder was made from. It is written last, so that an incomplete
# folder is created again.
python_stamp="$(python3 --version) $(cksum < "$here/requirements.txt")"
if [ "$(cat "$target/python.stamp" 2> /dev/null)" != "$python_stamp" ]; then
    rm -rf "$target/python" "$target/python.stamp"
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check \
        --target "$target/python" --requirement "$here/requirements.txt"
    echo "$python_stamp" > "$target/python.stamp"
fi

node_stamp="$(node --version) $(cat "$here/package.json" "$here/package-lock.json" | cksum)"
if [ "$(cat "$target/node.stamp" 2> /dev/null)" != "$node_stamp" ]; then
    rm -rf "$target/node" "$target/node.stamp"
    mkdir "$target/node"
    cp "$here/package.json" "$here/package-lock.json" "$target/node/"
    (cd "$target/node" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null)
    echo "$node_stamp" > "$target/node.stamp"
fi
