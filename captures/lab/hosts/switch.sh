# switch1: a switch whose ports want 802.1X: hostapd on Ethernet, which hands EAP to radius1.

switch_needs='hostapd'

switch_up() {
  write $1 /etc/hostapd.conf <<EOF
interface=eth0
driver=wired
ieee8021x=1
use_pae_group_addr=1
own_ip_addr=${addresses[$1]}
nas_identifier=$1
auth_server_addr=${addresses[radius1]}
auth_server_port=1812
auth_server_shared_secret=$password
EOF
  on $1 hostapd -B -P /run/hostapd.pid /etc/hostapd.conf
}
