#!/usr/bin/python3
"""An LDAP bind with NTLM by Sicily (ldap3): ldap-ntlm.py URL 'DOMAIN\\user' PASSWORD"""
import sys

from ldap3 import NONE, NTLM, Connection, Server

url, user, password = sys.argv[1:]
connection = Connection(Server(url, get_info=NONE), user=user, password=password, authentication=NTLM)
sys.exit(0 if connection.bind() and connection.unbind() else 1)
