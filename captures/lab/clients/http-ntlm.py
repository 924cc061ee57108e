#!/usr/bin/python3
"""GET with bare NTLM messages under a scheme of HTTP, as devices do it.

  http-ntlm.py [--scheme Negotiate] [--bindings none|zero|wrong|right] URL 'DOMAIN\\user' PASSWORD
"""
import argparse
import base64
import http.client
import sys
from urllib.parse import urlsplit

import bound_ntlm

arguments = argparse.ArgumentParser()
arguments.add_argument("--scheme", default="NTLM")
arguments.add_argument("--bindings", choices=bound_ntlm.KINDS, default="none")
arguments.add_argument("url")
arguments.add_argument("user")
arguments.add_argument("password")
options = arguments.parse_args()

url = urlsplit(options.url)
connection = http.client.HTTPConnection(url.hostname, url.port)
connection.sock = bound_ntlm.connect(url)
context = bound_ntlm.context(options.user, options.password, options.bindings, connection.sock)


def get(token):
    headers = {"Authorization": f"{options.scheme} {base64.b64encode(token).decode()}"} if token else {}
    connection.request("GET", url.path or "/", headers=headers)
    response = connection.getresponse()
    response.read()
    return response


get(None)
challenge = get(context.step()).headers["WWW-Authenticate"].split()[1]
sys.exit(0 if get(context.step(base64.b64decode(challenge))).status == 200 else 1)
