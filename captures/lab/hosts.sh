# The hosts of the lab, sourced by record.sh. The passwords are secrets of this lab and of nothing else; they stand in
# clear in some of the captures.
#
#   dc1       192.0.2.10    Samba AD domain controller: KDC, LDAP, DNS, SMB
#   files1    192.0.2.20    member file server, also reachable as archive.corp.example, an alias without any SPN
#   printer1  192.0.2.30    stand-alone, WORKGROUP, SMB1 only: a scanner's file share of the old kind
#   web1      192.0.2.40    Apache: Kerberos (80, 443), Kerberos or NTLM (81); and an application that knows only NTLM
#                           (8080). Also reachable as intranet.corp.example, an alias without any SPN
#   client1.. 192.0.2.101.. workstations

domain=corp.example
realm=CORP.EXAMPLE
password=Lab-only-7

lab_up() {
  # NTLM needs MD4, which OpenSSL 3 has only in its legacy provider.
  printf 'openssl_conf = a\n[a]\nproviders = b\n[b]\ndefault = c\nlegacy = c\n[c]\nactivate = 1\n' >$lab/openssl.cnf
  bridge_up
  host dc1 10
  host files1 20
  host printer1 30
  host web1 40
  for number in 1 2 3; do host client$number 10$number; done
  dc1_up
  files1_up
  printer1_up
  web1_up
  for number in 1 2 3; do client_up client$number; done
}

# write HOST FILE: standard input becomes a file of the host.
write() { on $1 tee "$2" >/dev/null; }

dc1_up() {
  say 'dc1: domain controller'
  on dc1 rm -f /etc/samba/smb.conf
  # eadb: NT ACLs in a file, as user.* attributes do not exist on every kernel's tmpfs.
  on dc1 samba-tool domain provision --server-role=dc --dns-backend=SAMBA_INTERNAL --realm=$realm --domain=CORP \
    --host-ip=192.0.2.10 --adminpass=$password --option='posix:eadb=/var/lib/samba/private/eadb.tdb' >$lab/dc1.log 2>&1 ||
    { tail -20 $lab/dc1.log >&2; return 1; }
  # As found in many real domains: LDAP simple binds in clear are accepted.
  on dc1 sed -i -e '/^\[global\]/a ldap server require strong auth = no' -e '/dns forwarder/d' /etc/samba/smb.conf
  on dc1 samba --daemon
  until_true 30 on dc1 ldapsearch -x -H ldap://192.0.2.10 -s base -b '' dnsHostName
  on dc1 samba-tool user create alice $password >/dev/null
  on dc1 samba-tool user create bob $password >/dev/null
  on dc1 samba-tool user create intranet-app $password >/dev/null
  local name number
  for name in files1:20 archive:20 printer1:30 web1:40 intranet:40; do
    number=${name#*:}
    on dc1 samba-tool dns add 127.0.0.1 $domain ${name%:*} A 192.0.2.$number -U administrator%$password >/dev/null
  done
}

# member HOST: joins the domain, so that winbindd can have the domain controller check NTLM answers. The rest of
# smb.conf comes from standard input.
member() {
  { printf '[global]\nsecurity = ads\nworkgroup = CORP\nrealm = %s\n' $realm
    printf 'kerberos method = secrets and keytab\n'
    printf 'idmap config * : backend = tdb\nidmap config * : range = 3000-7999\n'
    printf 'idmap config CORP : backend = rid\nidmap config CORP : range = 10000-99999\n'
    cat; } | write $1 /etc/samba/smb.conf
  on $1 sed -i -E 's/^(passwd|group):.*/\1: files winbind/' /etc/nsswitch.conf
  on $1 net ads join -U administrator%$password --no-dns-updates >/dev/null
  on $1 winbindd --daemon
  until_true 20 on $1 wbinfo --user-info='CORP\alice'
}

files1_up() {
  say 'files1: member file server'
  member files1 <<'EOF'
load printers = no
include = /etc/samba/signing.conf
[projects]
path = /srv/projects
read only = no
[vault]
path = /srv/projects
smb encrypt = required
EOF
  on files1 mount -t tmpfs srv /srv
  on files1 mkdir -m 1777 /srv/projects
  printf 'Quarterly figures: none yet.\n' | write files1 /srv/projects/report.txt
  files1_signing auto
  on files1 smbd --daemon
  until_true 10 on files1 bash -c '</dev/tcp/192.0.2.20/445'
}

# files1_signing mandatory|auto: what the server asks of new connections.
files1_signing() {
  echo "server signing = $1" | write files1 /etc/samba/signing.conf
  on files1 smbcontrol smbd reload-config 2>/dev/null || true
  sleep 0.5
}

printer1_up() {
  say 'printer1: stand-alone, SMB1 only'
  write printer1 /etc/samba/smb.conf <<'EOF'
[global]
workgroup = WORKGROUP
server role = standalone server
server min protocol = NT1
server max protocol = NT1
ntlm auth = ntlmv1-permitted
load printers = no
[scans]
path = /srv/scans
read only = no
EOF
  on printer1 mount -t tmpfs srv /srv
  on printer1 mkdir -m 1777 /srv/scans
  printf 'page 1\n' | write printer1 /srv/scans/page1.txt
  on printer1 useradd --no-create-home --shell /usr/sbin/nologin scan
  printf '%s\n%s\n' $password $password | on printer1 smbpasswd -a -s scan
  on printer1 smbd --daemon
  until_true 10 on printer1 bash -c '</dev/tcp/192.0.2.30/445'
}

web1_up() {
  say 'web1: Apache with Kerberos, application server with NTLM'
  member web1 <<'EOF'
EOF
  on web1 net ads keytab create -P >/dev/null
  on web1 net ads keytab add HTTP -P >/dev/null
  on web1 chgrp www-data /etc/krb5.keytab
  on web1 chmod 640 /etc/krb5.keytab
  on web1 chgrp www-data /var/lib/samba/winbindd_privileged
  on web1 openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=web1.$domain \
    -addext subjectAltName=DNS:web1.$domain -keyout /etc/apache2/key.pem -out /etc/apache2/cert.pem 2>/dev/null
  on web1 mount -t tmpfs srv /srv
  on web1 mkdir -p /run/apache2 /srv/www
  printf '<p>The intranet.</p>\n' | write web1 /srv/www/index.html
  write web1 /etc/apache2/lab.conf <<EOF
ServerName web1.$domain
ServerRoot /etc/apache2
PidFile /run/apache2/lab.pid
ErrorLog /run/apache2/error.log
User www-data
Group www-data
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
LoadModule auth_gssapi_module /usr/lib/apache2/modules/mod_auth_gssapi.so
Listen 80
Listen 81
Listen 443
DocumentRoot /srv/www
<Location />
  AuthType GSSAPI
  AuthName intranet
  GssapiAllowedMech krb5
  Require valid-user
</Location>
<VirtualHost *:81>
  <Location />
    GssapiAllowedMech krb5
    GssapiAllowedMech ntlmssp
    GssapiConnectionBound On
  </Location>
</VirtualHost>
<VirtualHost *:443>
  SSLEngine on
  SSLCertificateFile /etc/apache2/cert.pem
  SSLCertificateKeyFile /etc/apache2/key.pem
</VirtualHost>
EOF
  # The key table by environment: with GssapiCredStore, krb5 and ntlmssp together crash mod_auth_gssapi 1.6.4.
  on web1 env KRB5_KTNAME=/etc/krb5.keytab OPENSSL_CONF=$lab/openssl.cnf apache2 -f /etc/apache2/lab.conf
  on web1 "$here/ntlm-web.py" 8080 2>$lab/ntlm-web.log &
  until_true 10 on web1 curl -s -o /dev/null http://192.0.2.40:80/
  until_true 10 on web1 curl -s -o /dev/null http://192.0.2.40:8080/
}

# Every client but client2 is without gss-ntlmssp: its curl can do Kerberos or nothing.
client_up() {
  [[ $1 == client2 ]] || on $1 rm -f /etc/gss/mech.d/mech.ntlmssp.conf
  printf 'CORP:bob:%s\n' $password | write $1 /run/ntlm-user
  printf '[global]\nworkgroup = CORP\nrealm = %s\nclient min protocol = NT1\n' $realm | write $1 /etc/samba/smb.conf
  printf 'TLS_REQCERT never\nSASL_NOCANON on\n' | write $1 /etc/ldap/ldap.conf
}
