# mail1: Dovecot: IMAP and POP3 with NTLM (winbind), GSSAPI and PLAIN, in clear and with STARTTLS; and an
# emulated SMTP server (25, and 587 with STARTTLS).

mail_needs='dovecot /usr/lib/dovecot/imap-login'

mail_up() {
  member $1 <<<''
  keytab $1 imap pop
  on $1 chgrp dovecot /etc/krb5.keytab /var/lib/samba/winbindd_privileged
  on $1 chmod 640 /etc/krb5.keytab
  write $1 /etc/dovecot/lab.conf <<EOF
base_dir = /run/dovecot
log_path = /run/dovecot.log
protocols = imap pop3
auth_debug = yes
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
auth_username_format = %Lu
passdb {
  driver = static
  args = password=$password
}
userdb {
  driver = static
  args = uid=mail gid=mail home=/srv/mail/%n
}
EOF
  on $1 mkdir -m 1777 /srv/mail
  on $1 dovecot -c /etc/dovecot/lab.conf
  on $1 $lab/lab/servers/smtp.py 25 >/dev/null 2>>$lab/smtp.log &
  on $1 $lab/lab/servers/smtp.py 587 --starttls >/dev/null 2>>$lab/smtp.log &
  listening $1 143 110 25 587
}
