# printer1: stand-alone, WORKGROUP, SMB1 only: a scanner's file share of the old kind. As a client it scans to folders.

printer_up() {
  write $1 /etc/samba/smb.conf <<'EOF'
[global]
workgroup = WORKGROUP
server role = standalone server
server min protocol = NT1
server max protocol = NT1
ntlm auth = ntlmv1-permitted
load printers = no
include = /etc/samba/scenario.conf
[scans]
path = /srv/scans
read only = no
EOF
  local_share $1 scans
  printf 'page 1\n' | write $1 /srv/scans/page1.txt
}

# local_share HOST SHARE: the user scan of the device itself, the folder of its share, and smbd.
local_share() {
  on $1 mkdir -m 1777 /srv/$2
  on $1 useradd --no-create-home --shell /usr/sbin/nologin scan
  printf '%s\n%s\n' $password $password | on $1 smbpasswd -a -s scan
  on $1 smbd --daemon
  listening $1 445
}
