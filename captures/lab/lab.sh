# The machinery, sourced by record.sh: hosts as namespaces on one bridge, and running commands on them.
# The passwords are secrets of this lab and of nothing else; they stand in clear in some of the captures.

domain=corp.example
realm=CORP.EXAMPLE
password=Lab-only-7

declare -A pids=()      # host name -> process that holds its namespaces
declare -A addresses=() # host name -> address
while read -r address name _; do
  [[ $address == [0-9]* ]] && addresses[$name]=$address
done <"$here/hosts.txt"

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

# listening HOST PORT...: waits until the host accepts connections.
listening() {
  local name=$1 port
  shift
  for port in "$@"; do until_true 60 on $name bash -c "</dev/tcp/${addresses[$name]}/$port"; done
}

# lab_up HOST...: builds these hosts, in the order that they need: first the domain controller, then the rest at once.
# Each has a function NAME_up, and NAME_needs with the programs that it needs, in hosts/.
lab_up() {
  local name job jobs=() wanted=()
  # NTLM needs MD4, which OpenSSL 3 has only in its legacy provider.
  printf 'openssl_conf = a\n[a]\nproviders = b\n[b]\ndefault = c\nlegacy = c\n[c]\nactivate = 1\n' >$lab/openssl.cnf
  bridge_up
  certificates_up
  : >$lab/absent
  for name in "$@"; do
    if has_programs ${name//[0-9]/}; then wanted+=($name); else echo $name >>$lab/absent; fi
  done
  for name in "${wanted[@]}"; do host $name; done
  say 'dc1: domain controller'
  dc_up dc1
  for name in "${wanted[@]}"; do
    [[ $name == dc1 ]] && continue
    ${name//[0-9]/}_up $name >$lab/$name.log 2>&1 &
    jobs+=($!:$name)
  done
  for job in "${jobs[@]}"; do
    wait ${job%%:*} && continue
    # the scenarios of the others can be recorded all the same; its own have failed
    say "${job#*:} did not come up:"
    tail -20 $lab/${job#*:}.log >&2
    unset "pids[${job#*:}]"
  done
  for name in "${!pids[@]}"; do echo "$name ${pids[$name]}"; done >$lab/pids
  say "up after $SECONDS s: ${!pids[*]}"
}

# lab_can_stand: does this kernel let us have what the hosts are made of?
lab_can_stand() {
  mkdir -p $lab/probe/{upper,work,root}
  ip link add probe0 type bridge && ip link add probe1 type veth peer name probe2 && ip link del probe0 && ip link del probe1 &&
    mount -t overlay -o lowerdir=/etc,upperdir=$lab/probe/upper,workdir=$lab/probe/work etc $lab/probe/root && umount $lab/probe/root ||
    { say 'bridges, veth pairs or overlay mounts are not to be had here'; return 1; }
}

# has_programs KIND: are the programs there that KIND_needs names?
has_programs() {
  local needs=$1_needs program missing=()
  for program in ${!needs-}; do
    command -v "$program" >/dev/null || [[ -e $program ]] || missing+=("$program")
  done
  ((${#missing[@]} == 0)) || { say "missing for $1: ${missing[*]}"; return 1; }
}

# bridge_up: br0 is the switch. Recording on it is what a span port of the whole switch would show.
bridge_up() {
  # No IPv6 in the lab: router solicitations and duplicate address detection would be noise in every capture.
  echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
  echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
  ip link set lo up
  ip link add br0 type bridge
  # 802.1X speaks to a group address that a bridge keeps to itself unless it is told (bit 3: 01:80:c2:00:00:03)
  ip link set br0 type bridge group_fwd_mask 8
  ip link set br0 up
}

# certificates_up: one certificate authority and one certificate with every name.
certificates_up() {
  local name names=''
  mkdir $lab/tls
  for name in "${!addresses[@]}"; do names+="DNS:$name.$domain,"; done
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=lab authority" -keyout $lab/tls/ca.key -out $lab/tls/ca.pem 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/CN=*.$domain" -keyout $lab/tls/key.pem -out $lab/tls/request.pem 2>/dev/null
  openssl x509 -req -in $lab/tls/request.pem -CA $lab/tls/ca.pem -CAkey $lab/tls/ca.key -CAcreateserial -days 3650 -sha256 \
    -extfile <(echo "subjectAltName=${names%,}") -out $lab/tls/cert.pem 2>/dev/null
  certificate sha384 sha384 rsa:2048
  certificate sha512 sha512 rsa:2048
  certificate ec-sha256 sha256 ec -pkeyopt ec_paramgen_curve:P-256
  certificate ec-sha384 sha384 ec -pkeyopt ec_paramgen_curve:P-384
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=lab inspection" -keyout $lab/tls/inspection.key -out $lab/tls/inspection.pem 2>/dev/null
  certificate inspected sha256 rsa:2048
}

# certificate NAME HASH KEY...: one more certificate for web1, signed with this hash; by the authority of the inspecting
# proxy if it is called inspected. Those of an elliptic curve sign themselves: the hash of ECDSA is that of the signature.
certificate() {
  local name=$1 hash=$2 authority=ca out=$lab/tls/$1
  shift 2
  [[ $name != inspected ]] || authority=inspection
  if [[ $1 == ec ]]; then
    openssl req -x509 -$hash -newkey "$@" -nodes -days 3650 -subj "/CN=web1.$domain" -addext "subjectAltName=DNS:web1.$domain" \
      -keyout $out.key -out $out.pem 2>/dev/null
    return
  fi
  openssl req -newkey "$@" -nodes -subj "/CN=web1.$domain" -keyout $out.key -out $out.request 2>/dev/null
  openssl x509 -req -in $out.request -CA $lab/tls/$authority.pem -CAkey $lab/tls/$authority.key -CAcreateserial -days 3650 -$hash \
    -extfile <(echo "subjectAltName=DNS:web1.$domain") -out $out.pem 2>/dev/null
}

# host NAME: a host with its own network, host name, /etc, /var, /srv and /run, so that the stock daemons run unchanged
# and side by side. /etc and /var start as the machine's own and diverge from there.
host() {
  local name=$1 address=${addresses[$1]}
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
    mount -t tmpfs srv /srv
    mount -t tmpfs -o mode=1777 tmp /tmp
    mount -t tmpfs -o mode=1777 shm /dev/shm
    mkdir -p /run/samba /run/lock /var/log/samba
    hostname $name
    echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
    ip link set lo up
    ip link set eth0 address $(printf 02:00:00:00:02:%02x ${address##*.})
    ethtool -K eth0 tx off tso off gso off gro off >/dev/null
    ip addr add $address/24 dev eth0
    ip link set eth0 up
    printf '127.0.0.1 localhost\n$address $name.$domain $name\n' >/etc/hosts
    printf 'search $domain\nnameserver 192.0.2.10\n' >/etc/resolv.conf
    printf '[libdefaults]\n default_realm = $realm\n rdns = false\n dns_canonicalize_hostname = false\n[domain_realm]\n .$domain = $realm\n' >/etc/krb5.conf
    : >/etc/samba/scenario.conf
EOF
}

# on HOST COMMAND...: runs a command on a host.
on() {
  local name=$1
  shift
  nsenter -t ${pids[$name]} -m -u -n -- env -u LAB_INSIDE KRB5CCNAME=FILE:/run/krb5cc "$@"
}

# write HOST FILE: standard input becomes a file of the host.
write() { on $1 tee "$2" >/dev/null; }

# member HOST: joins the domain, so that winbindd can have the domain controller check NTLM answers. The rest of
# smb.conf comes from standard input; what a scenario sets is read before it.
member() {
  { printf '[global]\nsecurity = ads\nworkgroup = CORP\nrealm = %s\n' $realm
    printf 'kerberos method = secrets and keytab\nload printers = no\n'
    printf 'idmap config * : backend = tdb\nidmap config * : range = 3000-7999\n'
    printf 'idmap config CORP : backend = rid\nidmap config CORP : range = 10000-99999\n'
    printf 'include = /etc/samba/scenario.conf\n'
    cat; } | write $1 /etc/samba/smb.conf
  on $1 sed -i -E 's/^(passwd|group):.*/\1: files winbind/' /etc/nsswitch.conf
  on $1 net ads join -U administrator%$password --no-dns-updates
  on $1 winbindd --daemon
  until_true 20 on $1 wbinfo --user-info='CORP\alice'
}

# keytab HOST SERVICE...: host principals and those of the services, readable for the daemon's group.
keytab() {
  local name=$1 service
  shift
  on $name net ads keytab create -P
  for service in "$@"; do on $name net ads keytab add_update_ads $service -P; done
}
