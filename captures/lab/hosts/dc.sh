# dc1: Samba AD domain controller: KDC, LDAP, DNS, SMB. Its policies are those found in many real domains: LDAP simple
# binds in clear are accepted, NTLMv1 too,
# and RPC without integrity.

dc_up() {
  on $1 rm -f /etc/samba/smb.conf
  # eadb: NT ACLs in a file, as user.* attributes do not exist on every kernel's tmpfs.
  on $1 samba-tool domain provision --server-role=dc --dns-backend=SAMBA_INTERNAL --realm=$realm --domain=CORP \
    --host-ip=${addresses[$1]} --adminpass=$password --option='posix:eadb=/var/lib/samba/private/eadb.tdb' >$lab/$1.log 2>&1 ||
    { tail -20 $lab/$1.log >&2; return 1; }
  on $1 sed -i -e "/^\[global\]/r /dev/stdin" -e '/dns forwarder/d' /etc/samba/smb.conf <<EOF
  ldap server require strong auth = no
  ntlm auth = ntlmv1-permitted
  allow dcerpc auth level connect:samr = yes
  tls keyfile = $lab/tls/key.pem
  tls certfile = $lab/tls/cert.pem
  tls cafile = $lab/tls/ca.pem
  tls priority = NORMAL:-VERS-ALL:+VERS-TLS1.2
  include = /etc/samba/scenario.conf
EOF
  chmod 600 $lab/tls/key.pem
  # The accounts, before anything runs: straight into the database.
  on $1 $lab/lab/hosts/samba-tool-batch.py >>$lab/$1.log 2>&1 <<EOF || { tail -20 $lab/$1.log >&2; return 1; }
user create alice $password
user create bob $password
user create carl $password
user create dave $password
user create erin $password
user create müller $password
user create intranet-app $password
user create svc-old $password
user create svc-web $password
user create svc-roast $password
user create roastable $password
spn add cifs/oldfiles.$domain svc-old
spn add MSSQLSvc/sql1.$domain:1433 svc-roast
user disable erin
EOF
  # Heimdal's KDC would demand pre-authentication of everybody; with this, of the accounts that are not exempt.
  printf '[kdc]\n require-preauth = no\n' | on $1 tee -a /etc/krb5.conf >/dev/null
  on $1 samba --daemon
  until_true 30 on $1 ldapsearch -x -H ldap://${addresses[$1]} -s base -b '' dnsHostName
  until_true 30 on $1 bash -c "</dev/tcp/${addresses[$1]}/445"
  grep -v '^#' "$here/hosts.txt" | while read -r address names; do
    for name in $names; do [[ $name == dc1 ]] || echo "dns add 127.0.0.1 $domain $name A $address -U administrator%$password"; done
  done | on $1 $lab/lab/hosts/samba-tool-batch.py >>$lab/$1.log 2>&1
}
