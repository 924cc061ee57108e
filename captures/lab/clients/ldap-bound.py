#!/usr/bin/python3
"""A Sicily bind (MS-ADTS 5.1.1.1.3) with channel bindings: ldap-bound.py URL 'DOMAIN\\user' PASSWORD none|zero|wrong|right [starttls]"""
import sys
from urllib.parse import urlsplit

import bound_ntlm

DISCOVERY, NEGOTIATE, RESPONSE = 0x89, 0x8A, 0x8B
number = 0


def element(tag, content):
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])) + content


def parts(data):
    at = 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size & 0x80:
            size, at = int.from_bytes(data[at : at + (size & 0x7F)], "big"), at + (size & 0x7F)
        yield tag, data[at : at + size]
        at += size


def bind(choice, token):
    """(resultCode, matchedDN, in which the server's token stands)"""
    global number
    number += 1
    request = element(0x02, b"\x03") + element(0x04, b"") + element(choice, token)
    stream.sendall(element(0x30, element(0x02, bytes([number])) + element(0x60, request)))
    # the emulated server sends each answer at once
    (_, message), = parts(stream.recv(65536))
    (_, code), (_, matched), *_ = parts(list(parts(message))[1][1])
    return code[0], matched


url, user, password, kind, *starttls = sys.argv[1:]
stream = bound_ntlm.connect(urlsplit(url))
if starttls:
    number += 1
    stream.sendall(element(0x30, element(0x02, bytes([number])) + element(0x77, element(0x80, b"1.3.6.1.4.1.1466.20037"))))
    stream.recv(65536)
    stream = bound_ntlm.tls(stream, urlsplit(url).hostname)
context = bound_ntlm.context(user, password, kind, stream)
bind(DISCOVERY, b"")
_, challenge = bind(NEGOTIATE, context.step())
code, _ = bind(RESPONSE, context.step(challenge))
sys.exit(code)
