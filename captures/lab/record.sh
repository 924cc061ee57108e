#!/bin/bash
# The lab: builds a small Windows-like domain out of Samba, MIT Kerberos, Apache and their clients, runs the scenarios of
# ../*/scenarios.yaml in it, and records one capture each.
#
#   ./record.sh                       every scenario, into the folder above
#   ./record.sh --into FOLDER NAME... some scenarios ('smb/*' is a pattern), into another folder
#     --resume                        only those that FOLDER/results.json does not say are recorded and confirmed
#     --within SECONDS                begins no scenario later than this
#   ./record.sh --shell [NAME...]     the hosts that these scenarios need, and a shell in the switch ("on client1 COMMAND")
#
# Exit 0: everything is recorded and confirmed by tshark; 1: something is not; 3: what was recorded is, the rest lacks a host's
# packages or the time; 69: the lab cannot stand here.
# Needs root and the Debian packages that README.md names; of the hosts whose packages are missing, the scenarios are
# left out and named. Nothing has to be taken down afterwards: the whole lab lives in a mount, network, UTS, IPC and
# process namespace of its own, all of its files on a tmpfs in there. When this script ends, or is killed in any way, the
# kernel ends every daemon and drops every interface, mount and file with the namespaces.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [[ ${LAB_INSIDE-} != yes ]]; then
  [[ $EUID == 0 ]] || { echo 'record.sh: needs root' >&2; exit 69; }
  for program in samba smbd winbindd ntlm_auth smbclient kinit ldapsearch curl tcpdump tshark ethtool openssl; do
    command -v $program >/dev/null || { echo "record.sh: $program is missing; see README.md" >&2; exit 69; }
  done
  unshare --mount --net --uts --ipc --pid --fork true 2>/dev/null || { echo 'record.sh: no namespaces here' >&2; exit 69; }
  # unshare itself blocks SIGTERM; with setpriv it ends when this shell ends, and --kill-child takes the lab along.
  LAB_INSIDE=yes setpriv --pdeathsig KILL \
    unshare --mount --net --uts --ipc --pid --fork --kill-child --mount-proc "$here/record.sh" "$@"
  exit
fi
trap 'exit 130' INT TERM
export PATH=/usr/sbin:/usr/bin:/sbin:/bin # the packages of Debian, whatever else there is

lab=/media # a tmpfs that only this mount namespace sees
mount -t tmpfs -o size=1g,mode=755 lab $lab
# What runs on a host is read from here: a host has its own /tmp, /var and /srv, and the repository may stand there.
cp -r "$here" $lab/lab
export TMPDIR=$lab/tmp # temporary files go with the lab as well
mkdir -m 1777 $TMPDIR

source "$here/lab.sh"
for file in "$here"/hosts/*.sh; do source "$file"; done

folder=$here/.. shell='' resume='' within=()
while [[ ${1-} == --* ]]; do
  case $1 in
    --into) folder=$2; shift 2 ;;
    --shell) shell=yes; shift ;;
    --resume) resume=yes; shift ;;
    --within) within=(--within "$2"); shift 2 ;;
    *) say "unknown option $1"; exit 64 ;;
  esac
done

if [[ $resume ]]; then
  todo=$("$here/scenarios.py" todo "$folder" "$@")
  [[ $todo ]] || { say 'everything is recorded'; exit 0; }
  set -- $todo
fi
lab_can_stand || exit 69
lab_up $("$here/scenarios.py" hosts "$@")
if [[ $shell ]]; then
  export -f on
  bash --rcfile <(echo "declare -A pids; while read name pid; do pids[\$name]=\$pid; done <$lab/pids; PS1='lab# '") -i
  exit
fi
"$here/scenarios.py" record "${within[@]}" "$folder" $lab "$@"
