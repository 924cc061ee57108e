#!/usr/bin/python3
"""Sets an attribute of an account in the domain controller's own database: ldap-set.py ACCOUNT ATTRIBUTE VALUE"""
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

account, attribute, value = sys.argv[1:]
parameters = LoadParm()
parameters.load("/etc/samba/smb.conf")
database = SamDB(session_info=system_session(), lp=parameters)
message = ldb.Message(database.search(expression=f"(sAMAccountName={account})")[0].dn)
message[attribute] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, attribute)
database.modify(message)
