#!/usr/bin/python3
"""An Access-Request with MS-CHAPv2 as an access server sends it (RFC 2548 2.3, RFC 2759 8): radius-mschapv2.py SERVER SECRET USER PASSWORD"""
import hashlib
import hmac
import os
import socket
import struct
import sys

from impacket import ntlm

MICROSOFT, ACCESS_ACCEPT = 311, 2
MS_CHAP_CHALLENGE, MS_CHAP2_RESPONSE = 11, 25
server, secret, user, password = sys.argv[1:]


def attribute(kind, value):
    return bytes([kind, 2 + len(value)]) + value


def vendor(kind, value):
    return attribute(26, struct.pack(">I", MICROSOFT) + attribute(kind, value))


challenge, peer = os.urandom(16), os.urandom(16)
short = hashlib.sha1(peer + challenge + user.encode()).digest()[:8]
response = ntlm.ntlmssp_DES_encrypt(ntlm.compute_nthash(password), short)
attributes = attribute(1, user.encode()) + attribute(4, socket.inet_aton("192.0.2.101")) + attribute(5, struct.pack(">I", 1))
attributes += vendor(MS_CHAP_CHALLENGE, challenge) + vendor(MS_CHAP2_RESPONSE, b"\1\0" + peer + bytes(8) + response)
authenticator = os.urandom(16)
head = struct.pack(">BBH", 1, 7, 20 + len(attributes) + 18) + authenticator + attributes + bytes([80, 18])
packet = head + hmac.digest(secret.encode(), head + bytes(16), "md5")
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(20)
asking.sendto(packet, (server, 1812))
sys.exit(0 if asking.recv(4096)[0] == ACCESS_ACCEPT else 1)
