#!/bin/bash
# Every page of the console, the answer page and the login in a real Chromium under axe-core (npm), which finds what people who see, hear
# or move otherwise cannot use: no violation. It needs npm, a registry and Chromium; without them it ends with 77, which CTest counts as
# skipped, and says so.
#
#   tests/live/console_axe.sh BIN_DIR
set -euo pipefail
axe=4.14.1

skip() {
    echo "console_axe: skipped: $1"
    exit 77
}
for program in npm chromium chromedriver; do
    command -v "$program" > /dev/null || skip "$program is not installed"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '{"private":true}' > "$work/package.json"
timeout 90 npm install --prefix "$work" --no-audit --no-fund --ignore-scripts --silent --fetch-retries 0 --fetch-timeout 20000 \
    "axe-core@$axe" > "$work/npm.log" 2>&1 || skip "npm cannot install axe-core $axe"
SURGED_AXE=$work/node_modules/axe-core/axe.min.js "$1/test_browser" '[.axe]'
