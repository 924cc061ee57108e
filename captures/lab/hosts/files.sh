# files1: member file server. Share projects is in clear, vault demands encryption, public takes guests where a scenario
# lets it.

files_up() {
  member $1 <<'EOF'
[projects]
path = /srv/projects
read only = no
[vault]
path = /srv/projects
smb encrypt = required
[public]
path = /srv/projects
guest ok = yes
EOF
  on $1 mkdir -m 1777 /srv/projects
  printf 'Quarterly figures: none yet.\n' | write $1 /srv/projects/report.txt
  on $1 smbd --daemon
  listening $1 445
}
