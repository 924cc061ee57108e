# attacker1: impacket.

attacker_needs='/usr/share/doc/python3-impacket/examples/ntlmrelayx.py'

attacker_up() { client_up $1; }
