# mail1: Dovecot: IMAP, POP3 and SMTP submission with NTLM (winbind), GSSAPI and PLAIN, in clear and with STARTTLS.

mail_needs='dovecot /usr/lib/dovecot/imap-login /usr/lib/dovecot/submission-login'

mail_up() {
  member $1 <<<''
  keytab $1 imap pop smtp submission
  on $1 chgrp dovecot /etc/krb5.keytab /var/lib/samba/winbindd_privileged
  on $1 chmod 640 /etc/krb5.keytab
  write $1 /etc/dovecot/lab.conf <<EOF
base_dir = /run/dovecot
log_path = /run/dovecot.log
protocols = imap pop3 submission
auth_mechanisms = plain login ntlm gssapi gss-spnego
auth_use_winbind = yes
auth_winbind_helper_path = /usr/bin/ntlm_auth
auth_gssapi_hostname = "\$ALL"
auth_krb5_keytab = /etc/krb5.keytab
disable_plaintext_auth = no
ssl = yes
ssl_cert = <$lab/tls/cert.pem
ssl_key = <$lab/tls/key.pem
mail_location = maildir:/srv/mail/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
submission_relay_host = 127.0.0.1
auth_username_format = %Lu
passdb {
  driver = static
  args = password=$password
}
userdb {
  driver = static
  args = uid=mail gid=mail home=/srv/mail/%n
}
service submission-login {
  inet_listener submission {
    port = 587
  }
}
EOF
  on $1 mkdir -m 1777 /srv/mail
  on $1 dovecot -c /etc/dovecot/lab.conf
  listening $1 143 110 587
}
