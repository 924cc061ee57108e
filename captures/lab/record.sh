#!/bin/bash
# Records the captures of this repository: builds a small Windows-like domain out of Samba, MIT Kerberos, Apache and
# their clients, drives one scenario a capture, and writes ../NAME/NAME.pcap and the commands into ../NAME/expected.json.
#
#   ./record.sh             every capture
#   ./record.sh NAME...     only these
#   ./record.sh --shell     build the lab, then a shell in the switch ("on client1 COMMAND" runs a command on a host)
#
# Needs root and the Debian packages that README.md names. Nothing has to be taken down afterwards: the whole lab lives
# in a mount, network and process namespace of its own, all of its files on a tmpfs in there. When this script ends, or
# is killed in any way, the kernel ends every daemon and drops every interface, mount and file with the namespaces.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [[ ${LAB_INSIDE-} != yes ]]; then
  [[ $EUID == 0 ]] || { echo 'record.sh: needs root' >&2; exit 1; }
  for program in samba smbd winbindd ntlm_auth smbclient kinit ldapsearch apache2 curl tcpdump tshark ethtool openssl python3; do
    command -v $program >/dev/null || { echo "record.sh: $program is missing; see README.md" >&2; exit 1; }
  done
  # unshare itself blocks SIGTERM; with setpriv it ends when this shell ends, and --kill-child takes the lab along.
  LAB_INSIDE=yes setpriv --pdeathsig KILL \
    unshare --mount --net --pid --fork --kill-child --mount-proc "$here/record.sh" "$@"
  exit
fi
trap 'exit 130' INT TERM

lab=/media # a tmpfs that only this mount namespace sees
mount -t tmpfs -o size=1g,mode=755 lab $lab

source "$here/lab.sh"
source "$here/hosts.sh"
source "$here/scenarios.sh"

lab_up
if [[ ${1-} == --shell ]]; then
  export -f on
  declare -p pids >$lab/pids
  bash --rcfile <(echo "source $lab/pids; PS1='lab# '") -i
  exit
fi
for name in "${@:-${scenarios[@]}}"; do
  record "$name"
done
if ((${#unconfirmed[@]})); then
  say "not as expected.json says: ${unconfirmed[*]}"
  exit 1
fi
