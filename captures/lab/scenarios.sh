# What is recorded, sourced by record.sh: one function a capture. The first lines of a scenario that need no recording
# stand in "prepare-NAME". Every "on HOST COMMAND" of "scenario-NAME" becomes a line of "madeBy" in expected.json.

scenarios=(
  smb-kerberos-signed smb-ntlm-ip-target smb-ntlm-no-spn smb-encrypted smb1-ntlmv1-printer
  http-negotiate-kerberos http-ntlm-no-spn http-ntlm-only ldap-binds ldap-ntlm office
)

get_report='get report.txt /dev/null'

# login HOST USER: a TGT. kinit would ask for the password on a terminal.
login() { on $1 kinit $2 <<<$password; }

prepare-smb-kerberos-signed() { files1_signing mandatory; }
scenario-smb-kerberos-signed() {
  login client1 alice
  on client1 smbclient //files1.$domain/projects --use-kerberos=required --use-krb5-ccache=FILE:/run/krb5cc -c "$get_report"
}

prepare-smb-ntlm-ip-target() { files1_signing auto; }
scenario-smb-ntlm-ip-target() {
  login client1 alice
  on client1 smbclient //192.0.2.20/projects -U "CORP\\alice%$password" --use-kerberos=desired -c "$get_report"
}

prepare-smb-ntlm-no-spn() { files1_signing auto; }
scenario-smb-ntlm-no-spn() {
  on client1 smbclient //archive.$domain/projects -U "alice@$realm%$password" --use-kerberos=desired -c "$get_report"
}

prepare-smb-encrypted() { files1_signing auto; }
scenario-smb-encrypted() {
  login client1 alice
  on client1 smbclient //files1.$domain/vault --use-kerberos=required --use-krb5-ccache=FILE:/run/krb5cc -c "$get_report"
}

scenario-smb1-ntlmv1-printer() {
  on client1 smbclient //192.0.2.30/scans -m NT1 -U "PRINTER1\\scan%$password" --use-kerberos=off \
    --option='client use spnego = no' --option='client ntlmv2 auth = no' -c 'get page1.txt /dev/null'
}

scenario-http-negotiate-kerberos() {
  login client1 alice
  on client1 curl -s --anyauth -u : http://web1.$domain/ http://web1.$domain/index.html
}

scenario-http-ntlm-no-spn() {
  login client2 bob
  on client2 env OPENSSL_CONF=$lab/openssl.cnf NTLM_USER_FILE=/run/ntlm-user \
    curl -s --anyauth -u : http://intranet.$domain:81/
}

scenario-http-ntlm-only() {
  on client1 curl -s --anyauth -u "CORP\\alice:$password" http://web1.$domain:8080/ http://web1.$domain:8080/again
}

scenario-ldap-binds() {
  local search=(-b dc=corp,dc=example '(cn=bob)' cn)
  on client1 ldapsearch -LLL -x -D intranet-app@$domain -w $password -H ldap://dc1.$domain "${search[@]}"
  on client1 ldapsearch -LLL -ZZ -x -D intranet-app@$domain -w $password -H ldap://dc1.$domain "${search[@]}"
  login client1 alice
  on client1 ldapsearch -LLL -Q -Y GSSAPI -O minssf=56 -H ldap://dc1.$domain "${search[@]}"
}

scenario-ldap-ntlm() {
  on client1 samba-tool user show bob --attributes=cn -H ldap://192.0.2.10 -U "CORP\\alice%$password"
}

# One morning in a small office, as the span port of the clients' switch sees it.
prepare-office() { files1_signing auto; }
scenario-office() {
  local search=(-b dc=corp,dc=example '(cn=bob)' cn)
  # client1: a workstation as it should be. Kerberos to the file server (signed) and to the intranet.
  login client1 alice
  on client1 smbclient //files1.$domain/projects --use-kerberos=required --use-krb5-ccache=FILE:/run/krb5cc \
    --client-protection=sign -c "$get_report"
  on client1 curl -s --anyauth -u : http://web1.$domain/
  # client2: a mapped drive by IP address, a bookmark to an alias that has no SPN, some HTTPS.
  login client2 bob
  on client2 smbclient //192.0.2.20/projects -U "CORP\\bob%$password" --use-kerberos=desired -c "$get_report"
  on client2 smbclient //archive.$domain/projects -U "bob@$realm%$password" --use-kerberos=desired -c "$get_report"
  on client2 curl -s -k -o /dev/null https://web1.$domain/
  # client3: fetches scans from the old device, uses the NTLM-only application, runs an LDAP application that binds in
  # clear; and somebody logs in there who has left the company.
  on client3 smbclient //192.0.2.30/scans -m NT1 -U "PRINTER1\\scan%$password" --use-kerberos=off \
    --option='client use spnego = no' --option='client ntlmv2 auth = no' -c 'get page1.txt /dev/null'
  on client3 curl -s --anyauth -u "CORP\\bob:$password" http://web1.$domain:8080/
  on client3 ldapsearch -LLL -x -D intranet-app@$domain -w $password -H ldap://dc1.$domain "${search[@]}"
  login client3 carol || true
}
