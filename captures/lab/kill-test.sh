#!/bin/bash
# Kills the lab at random moments, with random signals, and looks for what is left: processes, mounts, namespaces, interfaces, files.
# kill-test.sh [ROUNDS [SECONDS]]: each round ends within SECONDS, some while the hosts come up, some while it records, some while
# ntlmscope reads. Odd rounds run record.sh, even ones check.sh.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rounds=${1-10} seconds=${2-40}

# Processes are known by a variable of their environment. A namespace lives as long as a process or a mount holds it: the lab
# mounts none outside, so no process of the lab means no namespace of the lab. Files are looked for in a TMPDIR of the round's own and
# in /dev/shm.
leftovers() {
  local process
  for process in $(grep -lzx "LAB_RUN=$run" /proc/[0-9]*/environ 2>/dev/null); do
    process=${process%/environ}
    echo "process ${process#/proc/}: $({ tr '\0' ' ' <$process/cmdline; } 2>/dev/null)"
  done
  mount | grep -E ' on /media | lowerdir=/etc,upperdir=/media'
  ip -o link | grep -E ': (br0|dc1|files1|client1)@?'
  ls -A "$temporary" | sed 's/^/file /'
  ls -A /dev/shm | grep -vxF -e '' -e "$shared" | sed 's,^,file /dev/shm/,'
}

wrong=0
shared=$(ls -A /dev/shm)
for ((round = 1; round <= rounds; round++)); do
  into=$(mktemp -d) temporary=$(mktemp -d)
  run=$$-$round
  signal=$(shuf -n 1 -e TERM KILL INT HUP)
  after=$(shuf -n 1 -i 2-$seconds)
  command=("$here/record.sh" --into "$into")
  ((round % 2)) || command=("$here/check.sh")
  # a session of its own, so that a signal for the group meets nobody else
  LAB_RUN=$run TMPDIR=$temporary setsid "${command[@]}" 'smb/*' >/dev/null 2>&1 &
  lab=$!
  sleep $after
  # what finds nothing before cannot find anything afterwards
  alive=$(leftovers | grep -c ^process)
  ((alive > 0)) || wrong=1
  # two rounds kill the whole group, the next two only the shell that was started
  if ((round / 2 % 2)); then kill -$signal $lab; else kill -$signal -- -$lab; fi 2>/dev/null
  # a lab that is asked to end may need a moment; one that ignores it (INT in the background) is killed
  sleep 2
  kill -0 $lab 2>/dev/null && kill -KILL $lab
  wait $lab 2>/dev/null
  # a compiler that check.sh had started comes to its end, and a second after it the folder of the captures is removed
  for ((wait = 0; wait < 20; wait++)); do
    left=$(leftovers)
    [[ $left ]] || break
    sleep 1
  done
  echo "round $round: ${command[0]##*/}, $signal after $after s, $alive processes: ${left:-nothing is left after $((wait + 2)) s}"
  [[ -z $left ]] || wrong=1
  rm -rf "$into" "$temporary"
done
exit $wrong
