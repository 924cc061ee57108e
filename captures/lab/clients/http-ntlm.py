#!/usr/bin/python3
"""GET with bare NTLM messages under a scheme of HTTP, as devices do it.

  http-ntlm.py [--scheme Negotiate] [--bindings KIND] [--tls13] [--resume] URL 'DOMAIN\\user' PASSWORD

The kinds of bindings are those of bound_ntlm.py. --resume: a connection before it asks without a name; this one goes on with its session.
"""
import argparse
import base64
import http.client
import ssl
import sys
from urllib.parse import urlsplit

import bound_ntlm

arguments = argparse.ArgumentParser()
arguments.add_argument("--scheme", default="NTLM")
arguments.add_argument("--bindings", choices=bound_ntlm.KINDS, default="none")
arguments.add_argument("--tls13", action="store_true")
arguments.add_argument("--resume", action="store_true")
arguments.add_argument("url")
arguments.add_argument("user")
arguments.add_argument("password")
options = arguments.parse_args()

url = urlsplit(options.url)
tls = bound_ntlm.tls_context(ssl.TLSVersion.TLSv1_3 if options.tls13 else ssl.TLSVersion.TLSv1_2)
session = None
if options.resume:
    first = http.client.HTTPConnection(url.hostname, url.port)
    first.sock = bound_ntlm.connect(url, tls)
    first.request("GET", url.path or "/")
    first.getresponse().read()
    # of TLS 1.3 the tickets come behind the handshake
    session = first.sock.session
    # it stays open: OpenSSL forgets sessions by id of connections that were not closed in order
connection = http.client.HTTPConnection(url.hostname, url.port)
connection.sock = bound_ntlm.connect(url, tls, session)
if options.resume and not connection.sock.session_reused:
    sys.exit("the session was not resumed")
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
