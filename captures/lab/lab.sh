# The machinery, sourced by record.sh: hosts as namespaces on one bridge, running commands on them, recording.

declare -A pids=() # host name -> process that holds its namespaces
unconfirmed=()     # captures whose expected.json tshark does not confirm
recording=''       # file that collects the commands of the capture being recorded, empty when none is

# say TEXT: progress, to standard error.
say() { echo "lab: $*" >&2; }

# until_true SECONDS COMMAND...: waits until the command succeeds.
until_true() {
  local tries=$(($1 * 5))
  shift
  until "$@" >/dev/null 2>&1; do
    ((tries-- > 0)) || { say "gave up waiting for: $*"; return 1; }
    sleep 0.2
  done
}

# bridge_up: br0 is the switch. Recording on it is what a span port of the whole switch would show.
bridge_up() {
  # No IPv6 in the lab: router solicitations and duplicate address detection would be noise in every capture.
  echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
  echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
  ip link set lo up
  ip link add br0 type bridge
  ip link set br0 up
}

# host NAME NUMBER: a host 192.0.2.NUMBER with its own network, host name, /etc, /var and /run, so that the stock
# daemons run unchanged and side by side. /etc and /var start as the machine's own and diverge from there.
host() {
  local name=$1 number=$2
  mkdir -p $lab/$name/{etc,etc.work,var,var.work}
  unshare --mount --uts --net sleep infinity &
  pids[$name]=$!
  until_true 5 grep -q sleep /proc/${pids[$name]}/comm # unshare is done once it has become sleep
  ip link add $name type veth peer name eth0 netns ${pids[$name]}
  # Without offloads a frame looks as on a wire: at most 1514 bytes, right checksums.
  ethtool -K $name tx off tso off gso off gro off >/dev/null
  ip link set $name master br0 up
  on $name bash -euo pipefail -s <<EOF
    mount -t overlay -o lowerdir=/etc,upperdir=$lab/$name/etc,workdir=$lab/$name/etc.work etc /etc
    mount -t overlay -o lowerdir=/var,upperdir=$lab/$name/var,workdir=$lab/$name/var.work var /var
    mount -t tmpfs run /run
    mkdir -p /run/samba /run/lock /var/log/samba
    hostname $name
    echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
    ip link set lo up
    ip link set eth0 address $(printf 02:00:00:00:02:%02x $number)
    ethtool -K eth0 tx off tso off gso off gro off >/dev/null
    ip addr add 192.0.2.$number/24 dev eth0
    ip link set eth0 up
    printf '127.0.0.1 localhost\n192.0.2.$number $name.$domain $name\n' >/etc/hosts
    printf 'search $domain\nnameserver 192.0.2.10\n' >/etc/resolv.conf
    printf '[libdefaults]\n default_realm = $realm\n rdns = false\n dns_canonicalize_hostname = false\n[domain_realm]\n .$domain = $realm\n' >/etc/krb5.conf
EOF
}

# on HOST COMMAND...: runs a command on a host; while a capture is recorded, also notes it.
on() {
  local name=$1
  shift
  if [[ -n $recording ]]; then printf '%s\0' "$name" "$@" '' >>$recording; fi
  nsenter -t ${pids[$name]} -m -u -n -- env -u LAB_INSIDE KRB5CCNAME=FILE:/run/krb5cc "$@"
}

# record NAME: runs the function "prepare-NAME" if there is one, then "scenario-NAME" under tcpdump.
record() {
  local name=$1 folder=$here/../$1 client tcpdump
  say "recording $name"
  # Tickets and cached names of the scenario before must not change what this one sends.
  for client in client1 client2 client3; do
    on $client rm -f /run/krb5cc /var/cache/samba/gencache.tdb /run/samba/gencache.tdb
  done
  if declare -F prepare-$name >/dev/null; then prepare-$name; fi

  # Only the clients' frames: what the servers tell each other in the background belongs to no scenario.
  # In immediate mode each frame takes a slot of the snapshot length: the default buffer of 2 MB has 8 of them.
  rm -f $lab/$name.tcpdump
  tcpdump -i br0 -s 0 -B 65536 -U --immediate-mode -Z root -w $lab/$name.pcap \
    host 192.0.2.101 or host 192.0.2.102 or host 192.0.2.103 2>$lab/$name.tcpdump &
  tcpdump=$!
  until_true 10 grep -q listening $lab/$name.tcpdump
  recording=$lab/$name.commands
  : >$recording
  scenario-$name >$lab/$name.output 2>&1 || { cat $lab/$name.output >&2; say "$name: a command failed"; exit 1; }
  sleep 0.5
  kill -INT $tcpdump
  wait $tcpdump || true
  recording=''
  grep -q '^0 packets dropped by kernel' $lab/$name.tcpdump || { say "$name: tcpdump lost frames"; exit 1; }
  sed 's/^/    | /' $lab/$name.output >&2

  mkdir -p "$folder"
  cp $lab/$name.pcap "$folder/$name.pcap"
  "$here/confirm.py" "$folder" --made-by $lab/$name.commands || unconfirmed+=($name)
}
