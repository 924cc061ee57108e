# sql1: emulators, whose NTLM and Kerberos are Samba's: TDS (1433 in clear, 1434 with the login in TLS, 1435 in TLS), LDAP with
# Sicily (389, 636, and 1636 with channel bindings required).

sql_up() {
  member $1 <<<''
  on $1 net ads keytab create -P
  local words
  for words in 'tds.py 1433' 'tds.py 1434 --tls' 'tds.py 1435 --tls-all' 'sicily.py 389' 'sicily.py 636 --tls' 'sicily.py 1636 --tls --bindings'; do
    on $1 $lab/lab/servers/$words >/dev/null 2>>$lab/sql-servers.log &
  done
  listening $1 1433 1434 1435 389 636 1636
}
