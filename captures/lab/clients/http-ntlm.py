#!/usr/bin/python3
"""GET with bare NTLM messages under a scheme of HTTP, as devices do it: http-ntlm.py [--scheme Negotiate] URL 'DOMAIN\\user' PASSWORD"""
import argparse
import base64
import http.client
import os
import sys
from urllib.parse import urlsplit

os.environ.setdefault("OPENSSL_CONF", "/media/openssl.cnf")  # NTLM needs MD4
from ntlm_auth.ntlm import NtlmContext

arguments = argparse.ArgumentParser()
arguments.add_argument("--scheme", default="NTLM")
arguments.add_argument("url")
arguments.add_argument("user")
arguments.add_argument("password")
options = arguments.parse_args()

url = urlsplit(options.url)
domain, _, user = options.user.partition("\\")
context = NtlmContext(user, options.password, domain, "CLIENT1")
connection = http.client.HTTPConnection(url.hostname, url.port)


def get(token):
    headers = {"Authorization": f"{options.scheme} {base64.b64encode(token).decode()}"} if token else {}
    connection.request("GET", url.path or "/", headers=headers)
    response = connection.getresponse()
    response.read()
    return response


get(None)
challenge = get(context.step()).headers["WWW-Authenticate"].split()[1]
sys.exit(0 if get(context.step(base64.b64decode(challenge))).status == 200 else 1)
