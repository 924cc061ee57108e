#!/usr/bin/python3
"""Sets an SMB session up with Kerberos (ticket cache), then authenticates it again with NTLM: smb-reauth.py SERVER SHARE 'DOMAIN/user' PASSWORD"""
import os
import sys

from impacket.smb3structs import SMB2_DIALECT_21
from impacket.smbconnection import SMBConnection

os.environ["KRB5CCNAME"] = os.environ["KRB5CCNAME"].removeprefix("FILE:")  # impacket knows files alone, and no prefix
server, share, name, password = sys.argv[1:]
domain, user = name.split("/")
connection = SMBConnection(server, server, preferredDialect=SMB2_DIALECT_21)
connection.kerberosLogin(user, "", useCache=True)
connection.listPath(share, "*")
# the session has its id now: the next SESSION_SETUP is about it
connection.getSMBServer().login(user, password, domain)
connection.listPath(share, "*")
