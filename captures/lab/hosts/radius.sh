# radius1: FreeRADIUS, whose MS-CHAPv2 is checked by the domain controller (ntlm_auth), alone or inside PEAP.

radius_needs='freeradius'

radius_up() {
  member $1 <<<''
  on $1 chgrp freerad /var/lib/samba/winbindd_privileged
  on $1 sed -i 's|^\s*#\?\s*ntlm_auth = .*|ntlm_auth = "/usr/bin/ntlm_auth --request-nt-key --username=%{mschap:User-Name:-None} --domain=%{mschap:NT-Domain:-CORP} --challenge=%{mschap:Challenge:-00} --nt-response=%{mschap:NT-Response:-00}"|' \
    /etc/freeradius/3.0/mods-available/mschap
  printf 'client lab {\n ipaddr = 192.0.2.0/24\n secret = %s\n require_message_authenticator = no\n}\n' $password |
    on $1 tee -a /etc/freeradius/3.0/clients.conf >/dev/null
  on $1 mkdir -p /run/freeradius
  on $1 chown freerad /run/freeradius
  on $1 freeradius -l /run/freeradius.log || { on $1 tail -20 /run/freeradius.log; return 1; }
}
