#!/usr/bin/env python3
"""Captures RTP on loopback where a sender puts it on the wire and where it reaches the server, as a packet socket sees it.

usage: capture.py SENT_TO ARRIVED_AT PORT [PORT ...]
SENT_TO is the address that senders send to, ARRIVED_AT the one behind the wire. SSRC and sequence number are in the clear in SRTP (RFC 3711
section 3.1). It prints {"ready": true}, and when its standard input ends one line {"sent": {ssrc: [number, ..]}, "arrived": {..}, "missed": n}:
the numbers in the order of capture, and how many packets the capture itself could not take.
"""
import json
import socket
import struct
import sys
import threading
import time

ETH_P_ALL, PACKET_OUTGOING, PACKET_HOST = 3, 4, 0
SOL_PACKET, PACKET_STATISTICS, SO_RCVBUFFORCE = 263, 6, 33
LINGER = 0.5  # seconds to go on for what was sent before the end


def take(frame, is_outgoing, ways, ports, seen):
    if frame[12:14] != b"\x08\x00" or frame[23] != socket.IPPROTO_UDP:
        return
    udp = 14 + (frame[14] & 15) * 4
    way = ways.get((frame[30:34], is_outgoing))
    if way is None or struct.unpack_from("!H", frame, udp + 2)[0] not in ports:
        return
    rtp = udp + 8
    # RFC 7983 and RFC 5761: first byte 128 to 191, second not 192 to 223.
    if len(frame) < rtp + 12 or not 128 <= frame[rtp] <= 191 or 192 <= frame[rtp + 1] <= 223:
        return
    number, _, ssrc = struct.unpack_from("!HII", frame, rtp + 2)
    seen[way].setdefault(f"{ssrc:08x}", []).append(number)


def main():
    sent_to, arrived_at, ports = sys.argv[1], sys.argv[2], {int(port) for port in sys.argv[3:]}
    ways = {(socket.inet_aton(sent_to), True): "sent", (socket.inet_aton(arrived_at), False): "arrived"}
    seen = {"sent": {}, "arrived": {}}
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
    tap.bind(("lo", 0))
    tap.settimeout(0.2)
    ended = []
    threading.Thread(target=lambda: (sys.stdin.read(), ended.append(time.monotonic())), daemon=True).start()
    print(json.dumps({"ready": True}), flush=True)
    while not ended or time.monotonic() < ended[0] + LINGER:
        try:
            frame, address = tap.recvfrom(2048)
        except TimeoutError:
            continue
        take(frame, address[2] == PACKET_OUTGOING, ways, ports, seen)
    _, missed = struct.unpack("II", tap.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    print(json.dumps({**seen, "missed": missed}), flush=True)


if __name__ == "__main__":
    main()
