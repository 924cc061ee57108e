# proxy1: Squid that asks for Negotiate or NTLM (ntlm_auth) and carries nothing to anybody without (3128); a SOCKS proxy that asks
# nobody anything (1080); a proxy that ends TLS to web1 with a certificate of its own authority (8444).

proxy_needs='squid microsocks'

proxy_up() {
  member $1 <<<''
  keytab $1 HTTP
  on $1 chgrp proxy /etc/krb5.keytab /var/lib/samba/winbindd_privileged
  on $1 chmod 640 /etc/krb5.keytab
  write $1 /etc/squid/lab.conf <<EOF
http_port 3128
pid_filename /run/squid.pid
cache deny all
cache_log /run/squid.log
access_log none
dns_nameservers 192.0.2.10
auth_param negotiate program /usr/bin/ntlm_auth --helper-protocol=gss-spnego
auth_param negotiate children 2
auth_param ntlm program /usr/bin/ntlm_auth --helper-protocol=squid-2.5-ntlmssp
auth_param ntlm children 2
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
shutdown_lifetime 0 seconds
EOF
  on $1 install -o proxy -m 644 /dev/null /run/squid.log
  on $1 squid -f /etc/squid/lab.conf
  on $1 microsocks -p 1080 >/dev/null 2>&1 &
  on $1 $lab/lab/servers/tls-proxy.py 8444 web1.$domain:8444 >/dev/null 2>>$lab/tls-proxy.log &
  listening $1 3128 1080 8444
}
