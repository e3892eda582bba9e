#!/usr/bin/env python3
"""Captures RTP to and from UDP ports on the loopback device, as a packet socket sees it: capture.py PORT [PORT ...]

SRTP leaves the header in the clear (RFC 3711 section 3.1), which is all that is needed to say what was sent, whatever the server believes. One
line per packet, `TIME WAY FROM_PORT TO_ADDRESS TO_PORT SSRC SEQUENCE TIMESTAMP TYPE MARKER BYTES`: the kernel's time in seconds; `out` where a sender puts
it on the wire, `in` where it arrives. The first line is `ready whole` or `ready first`, see below. It ends with its standard input, after what was sent until then; the
last line is `dropped N`, packets that the kernel could not keep for it.

What one call sends to one receiver (UDP_SEGMENT) passes the loopback device in one piece. Linux tells a packet socket where to cut it since 6.2 (struct
virtio_net_hdr, linux/virtio_net.h); before, only the first packet of such a piece is seen, and the capture says `first`.
"""
import os
import re
import socket
import struct
import sys
import threading
import time

ETH_P_ALL, PACKET_OUTGOING = 3, 4
SOL_PACKET, PACKET_STATISTICS = 263, 6
PACKET_VNET_HDR, VNET_HDR = 15, struct.Struct("=BBHHHH")
GSO_UDP_L4 = 5  # since 6.2, VIRTIO_NET_HDR_GSO_UDP_L4
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
BUFFER, PIECE = 64 << 20, 1 << 16
LINGER = 0.5  # seconds to go on for what was sent before the end


def tells_pieces():
    """Whether the kernel tells a packet socket where to cut what was sent in one piece."""
    major, minor = (int(re.match(r"\d+", part).group()) for part in os.uname().release.split(".")[:2])
    return (major, minor) >= (6, 2)


def rtp(frame, ports, cut):
    """The fields of each RTP packet of one of the ports; `cut`: the bytes of each in a piece of several, else 0."""
    if len(frame) < 34 or frame[12:14] != b"\x08\x00" or frame[23] != socket.IPPROTO_UDP:
        return
    at = 14 + (frame[14] & 15) * 4 + 8
    if len(frame) < at:
        return
    source, target, size = struct.unpack_from("!HHH", frame, at - 8)
    if source not in ports and target not in ports:
        return
    address, end = socket.inet_ntoa(frame[30:34]), at + size - 8
    while at + 12 <= min(end, len(frame)):
        bytes_ = min(cut, end - at) if cut else end - at
        # RFC 7983 and RFC 5761: first byte 128 to 191, second not 192 to 223.
        if 128 <= frame[at] <= 191 and not 192 <= frame[at + 1] <= 223:
            sequence, timestamp, ssrc = struct.unpack_from("!HII", frame, at + 2)
            yield f"{source} {address} {target} {ssrc} {sequence} {timestamp} {frame[at + 1] & 0x7F} {frame[at + 1] >> 7} {bytes_}"
        at += bytes_


def main():
    ports = {int(port) for port in sys.argv[1:]}
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    header = 0
    if tells_pieces():
        tap.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        header = VNET_HDR.size
    piece = memoryview(bytearray(PIECE))
    tap.bind(("lo", 0))
    tap.settimeout(0.05)
    ended = []
    threading.Thread(target=lambda: (sys.stdin.read(), ended.append(time.monotonic())), daemon=True).start()
    print("ready", "whole" if header else "first", flush=True)
    while not ended or time.monotonic() < ended[0] + LINGER:
        try:
            size, notes, _, address = tap.recvmsg_into([piece], 64)
        except TimeoutError:
            sys.stdout.flush()
            continue
        cut = 0
        if header:
            _, kind, _, each, _, _ = VNET_HDR.unpack_from(piece)
            cut = each if kind == GSO_UDP_L4 else 0
        lines = list(rtp(piece[header:size], ports, cut))
        if not lines:
            continue
        seconds, nanoseconds = struct.unpack("qq", next(data for _, kind, data in notes if kind == SO_TIMESTAMPNS))
        for line in lines:
            print(f"{seconds}.{nanoseconds:09d} {'out' if address[2] == PACKET_OUTGOING else 'in'} {line}")
    _, dropped = struct.unpack("II", tap.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    print(f"dropped {dropped}", flush=True)


if __name__ == "__main__":
    main()
