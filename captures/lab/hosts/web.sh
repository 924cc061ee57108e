# web1: Apache with mod_auth_gssapi: Kerberos (80, and 443 in TLS), Kerberos or NTLM (81); and web applications with NTLM of
# their own (servers/ntlm-web.py): NTLM only (8080), Negotiate and NTLM (8081), NTLM in TLS (8443), and in TLS with
# channel bindings required (8444; with other certificates 8451 to 8454; resumed by session id 8455; another curve 8456;
# renegotiation 8457); data in the first flight of TLS 1.3 (8458; with another curve 8459); WinRM as far as the login (5985).

web_needs='apache2 /usr/lib/apache2/modules/mod_auth_gssapi.so'

web_up() {
  member $1 <<<''
  keytab $1 HTTP
  on $1 chgrp www-data /etc/krb5.keytab
  on $1 chmod 640 /etc/krb5.keytab
  on $1 chgrp www-data /var/lib/samba/winbindd_privileged
  on $1 mkdir -p /run/apache2 /srv/www
  printf '<p>The intranet.</p>\n' | write $1 /srv/www/index.html
  write $1 /etc/apache2/lab.conf <<EOF
ServerName $1.$domain
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
# a browser asks for it beside the page, whenever it likes
<Location /favicon.ico>
  AuthType None
  Require all granted
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
  SSLCertificateFile $lab/tls/cert.pem
  SSLCertificateKeyFile $lab/tls/key.pem
</VirtualHost>
EOF
  # The key table by environment: with GssapiCredStore, krb5 and ntlmssp together crash mod_auth_gssapi 1.6.4.
  on $1 env KRB5_KTNAME=/etc/krb5.keytab OPENSSL_CONF=$lab/openssl.cnf apache2 -f /etc/apache2/lab.conf
  local application
  for application in '8080 NTLM' '8081 Negotiate NTLM' '8443 --tls NTLM' '8444 --tls --bindings NTLM' '5985 Negotiate' \
    '8451 --tls --bindings --certificate sha384 NTLM' '8452 --tls --bindings --certificate sha512 NTLM' \
    '8453 --tls --bindings --certificate ec-sha256 NTLM' '8454 --tls --bindings --certificate ec-sha384 NTLM' \
    '8455 --tls --no-tickets --bindings NTLM' '8456 --tls --curve secp384r1 --bindings NTLM' \
    '8457 --tls --renegotiation --bindings NTLM'; do
    on $1 $lab/lab/servers/ntlm-web.py $application >/dev/null 2>>$lab/ntlm-web.log &
  done
  for application in 8458 '8459 -groups P-384'; do
    on $1 $lab/lab/servers/early-data.py $application >/dev/null 2>>$lab/early-data.log &
  done
  listening $1 80 443 8080 8081 8443 8444 5985 8451 8452 8453 8454 8455 8456 8457 8458 8459
}
