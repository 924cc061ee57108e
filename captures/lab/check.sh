#!/bin/bash
# Everything in one go: builds the lab, records the scenarios (all, or those that are named) into a folder of its own, has
# ntlmscope read each capture, and prints a table of what it says against what is true. Exit 0: all of it is; 3: not everything could be recorded, what was is true.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm run --silent build
recorded=0
captures/lab/record.sh --into "$folder" "$@" || recorded=$?
LAB_CAPTURES=$folder npx vitest run --silent=passed-only test/captures/bundled.test.ts
((recorded == 0)) || { echo 'not everything was recorded as it should be, see above' >&2; exit 3; }
