#!/bin/bash
# The boards against the types that Grafana publishes (@grafana/schema, npm): each field is known and has the type that the oldest and the
# newest version named in dashboards/README.md read. It needs npm and a registry; without them it ends with 77, which CTest counts as
# skipped, and says so.
#
#   tests/live/grafana_schema.sh [VERSION...]      (without: the versions of dashboards/README.md)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dashboards=$here/../../dashboards
typescript=5.9.3

skip() {
    echo "grafana_schema: skipped: $1"
    exit 77
}
command -v node > /dev/null || skip "node is not installed"
command -v npm > /dev/null || skip "npm is not installed"

versions=("$@")
if [ ${#versions[@]} -eq 0 ]; then
    mapfile -t versions < <(grep -o '@grafana/schema [0-9][0-9.]*' "$dashboards/README.md" | cut -d' ' -f2 | sort -uV)
fi
[ ${#versions[@]} -ge 2 ] || { echo "grafana_schema: dashboards/README.md names fewer than two versions"; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
for version in "${versions[@]}"; do
    folder=$work/$version
    mkdir "$folder"
    echo '{"private":true,"type":"module"}' > "$folder/package.json"
    timeout 90 npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --silent --fetch-retries 0 --fetch-timeout 20000 \
        "@grafana/schema@$version" "typescript@$typescript" > "$work/npm.log" 2>&1 || skip "npm cannot install @grafana/schema $version"
    node "$here/grafana_schema.mjs" "$dashboards" "$folder"
    compile() {
        (cd "$folder" && node_modules/.bin/tsc --noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler --target es2022 ./*.ts)
    }
    if ! compile; then
        status=1
        continue
    fi
    # What is wrong must be found: a word that the type does not have, and a field that nobody reads.
    for spoil in 's/"colorMode": "background"/"colorMode": "rainbow"/' 's/"noValue"/"novalue"/'; do
        cp "$folder/surged_health.ts" "$work/kept"
        sed -i "$spoil" "$folder/surged_health.ts"
        if compile > /dev/null; then
            echo "grafana_schema: $version lets '$spoil' pass, so this check checks nothing"
            status=1
        fi
        cp "$work/kept" "$folder/surged_health.ts"
    done
    echo "grafana_schema: the boards have the types of @grafana/schema $version"
done
exit $status
