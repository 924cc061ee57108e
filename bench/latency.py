"""How soon `ntlmscope live` tells: from the last packet of a logon to its first line, and to the card on the screen.

    sudo python3 bench/latency.py dist/src/cli.js captures/office/office.pcap 5 pipe tcpdump dumpcap card

Packets are sent at half the pace of the capture: into a pipe, or between two network namespaces (iproute2, tcpdump,
dumpcap). A line that names the packet is compared with the moment when the packet was sent.
"""
import ctypes
import fcntl
import json
import os
import pty
import re
import select
import socket
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time

HERE, THERE = 'ntlmscope-latency-h', 'ntlmscope-latency-t'
NETWORK = ['ip', 'netns', 'exec', THERE]
# the logon of a printer in captures/office, and how its card says it
CARD_HOST, CARD_FRAME, CARD_LINE = '192.0.2.30', 408, r'no NTLM[^\n]*frames 4\d\d'


def records(data):
    at = 24
    while at < len(data):
        seconds, micros, length, _ = struct.unpack_from('<IIII', data, at)
        yield seconds + micros / 1e6, data[at : at + 16 + length]
        at += 16 + length


def tear_down():
    for name in (HERE, THERE):
        subprocess.run(['ip', 'netns', 'del', name], stderr=subprocess.DEVNULL)


def set_up():
    tear_down()
    ip = lambda *words: subprocess.run(['ip', *words], check=True)
    for name in (HERE, THERE):
        ip('netns', 'add', name)
    ip('link', 'add', 'va', 'netns', HERE, 'mtu', '65535', 'type', 'veth', 'peer', 'name', 'vb', 'netns', THERE)
    ip('-n', THERE, 'link', 'set', 'vb', 'mtu', '65535')
    quiet = ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1']
    for name, interface in ((HERE, 'va'), (THERE, 'vb')):
        subprocess.run(['ip', 'netns', 'exec', name, 'sysctl', '-qw', *quiet])
        ip('-n', name, 'link', 'set', interface, 'up')


def socket_in_here():
    libc = ctypes.CDLL(None)
    own = os.open('/proc/self/ns/net', os.O_RDONLY)
    libc.setns(os.open('/var/run/netns/' + HERE, os.O_RDONLY), 0)
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind(('va', 0))
    libc.setns(own, 0)
    return out


def paced(packets, send):
    """when each frame was sent"""
    sent, begun, first = {}, time.time(), packets[0][0]
    for frame, (when, record) in enumerate(packets, 1):
        time.sleep(max(0, 2 * (when - first) - (time.time() - begun)))
        send(record)
        sent[frame] = time.time()
    return sent


def sent_to(child, packets):
    """between the namespaces; the child is told to end behind the last"""
    out = socket_in_here()
    sent = paced(packets, lambda record: out.send(record[16:]))
    time.sleep(1)
    child.send_signal(2)
    return sent


def lines_of(program, data, packets, mode):
    words = ['live', '-', '--format', 'ndjson']
    if mode != 'pipe':
        words = ['live', '-i', 'vb', '--program', mode, '--format', 'ndjson']
    child = subprocess.Popen(
        [*([] if mode == 'pipe' else NETWORK), 'node', program, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    lines = []
    reader = threading.Thread(target=lambda: lines.extend((time.time(), line) for line in child.stdout))
    reader.start()
    time.sleep(2.5)
    if mode == 'pipe':

        def send(record):
            child.stdin.write(record)
            child.stdin.flush()

        send(data[:24])
        sent = paced(packets, send)
        time.sleep(0.5)
        child.stdin.close()
    else:
        sent = sent_to(child, packets)
    child.wait()
    reader.join()
    soonest = {}
    for when, line in lines:
        told = json.loads(line)
        if told['record'] == 'exchange' and told['result'] != 'unknown' and told['uid'] not in soonest:
            soonest[told['uid']] = (when - sent[max(told['frames'])]) * 1000
    return list(soonest.values())


def card_of(program, packets):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 50, 170, 0, 0))
    words = ['live', '-i', 'vb', '--program', 'tcpdump', '--device', CARD_HOST]
    child = subprocess.Popen(
        [*NETWORK, 'node', program, *words], stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL
    )
    os.close(theirs)
    seen = []

    def read():
        text = ''
        while child.poll() is None:
            if not select.select([ours], [], [], 0.05)[0]:
                continue
            try:
                text += os.read(ours, 65536).decode('utf8', 'replace')
            except OSError:
                return
            if not seen and re.search(CARD_LINE, text):
                seen.append(time.time())

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(2.5)
    sent = sent_to(child, packets)
    child.wait()
    reader.join()
    os.close(ours)
    return [(when - sent[CARD_FRAME]) * 1000 for when in seen]


def main():
    program, capture, runs, *modes = sys.argv[1:]
    with open(capture, 'rb') as file:
        data = file.read()
    packets = list(records(data))
    if modes != ['pipe']:
        set_up()
    try:
        for mode in modes:
            one = card_of if mode == 'card' else lambda p, r: lines_of(p, data, r, mode)
            took = sorted(each for _ in range(int(runs)) for each in one(program, packets))
            print(f'{mode}: {len(took)} times, median {statistics.median(took):.0f} ms, worst {took[-1]:.0f} ms', flush=True)
    finally:
        tear_down()


main()
