# client1 to client3: workstations. Every client but client2 is without gss-ntlmssp: its curl can do Kerberos or nothing.

client_up() {
  [[ $1 == client2 ]] || on $1 rm -f /etc/gss/mech.d/mech.ntlmssp.conf
  printf 'CORP:bob:%s\n' $password | write $1 /run/ntlm-user
  printf '[global]\nworkgroup = CORP\nrealm = %s\nclient min protocol = NT1\ninclude = /etc/samba/scenario.conf\n' $realm |
    write $1 /etc/samba/smb.conf
  on $1 mkdir -p /etc/chromium/policies/managed
  echo '{"AuthServerAllowlist": "*.corp.example", "AmbientAuthenticationInPrivateModesEnabled": 3}' |
    write $1 /etc/chromium/policies/managed/lab.json
  printf 'TLS_REQCERT never\nSASL_NOCANON on\n' | write $1 /etc/ldap/ldap.conf
}
