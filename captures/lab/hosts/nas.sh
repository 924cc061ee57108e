# nas1: stand-alone NAS of today, SMB2 and SMB3, WORKGROUP, local accounts only. Scenarios join it to the domain.

nas_up() {
  write $1 /etc/samba/smb.conf <<'EOF'
[global]
workgroup = WORKGROUP
server role = standalone server
load printers = no
include = /etc/samba/scenario.conf
[media]
path = /srv/media
read only = no
guest ok = yes
EOF
  local_share $1 media
  printf 'a film\n' | write $1 /srv/media/film.txt
}
