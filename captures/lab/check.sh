#!/bin/bash
# Everything in one go: builds the lab, records the scenarios (all, or those that are named), has ntlmscope read each capture, and
# prints a table: was it recorded, does tshark confirm what is true, does ntlmscope say it, seconds, minutes of the whole.
#
#   check.sh [--into FOLDER [--resume]] [--within SECONDS] [NAME...]
#
# Captures and results.json go to FOLDER, which stays, or to a temporary one. --resume records only what is not there yet.
# Exit 0: all of it is true. 1: something is false: not recorded, not confirmed, or not said. 3: what was recorded is true, the rest
# lacks a host's packages or the time. 69: the lab cannot stand here (no root, no packages, no namespaces).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
options=() folder=''
while [[ ${1-} == --* ]]; do
  case $1 in
    --into) mkdir -p "$2"; folder=$(cd "$2" && pwd); shift 2 ;;
    --resume) options+=(--resume); shift ;;
    --within) options+=(--within "$2"); shift 2 ;;
    *) echo "check.sh: unknown option $1" >&2; exit 64 ;;
  esac
done
cd "$here/../.."
if [[ ! $folder ]]; then
  folder=$(mktemp -d)
  # in a session of its own, so that the folder goes however this shell ends
  setsid bash -c 'tail --pid=$1 -f /dev/null; rm -rf "$2"' _ $$ "$folder" </dev/null >/dev/null 2>&1 &
fi
npm run --silent build
recorded=0
# ends when this shell ends, however that happens
trap 'exit 130' INT TERM HUP
setpriv --pdeathsig KILL captures/lab/record.sh --into "$folder" "${options[@]}" "$@" &
wait $! || recorded=$?
# without results there is nothing to compare
[[ -e $folder/results.json ]] || exit $recorded
said=0
LAB_CAPTURES=$folder setpriv --pdeathsig KILL node node_modules/vitest/vitest.mjs run \
  --silent=passed-only --reporter=dot test/captures/bundled.test.ts &
wait $! || said=1
printf '%d.%d minutes for all of it\n' $((SECONDS / 60)) $((SECONDS % 60 / 6))
((said == 0)) || exit 1
exit $recorded
