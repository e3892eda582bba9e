#!/usr/bin/env python3
"""Listens in on the loopback device: loopback.py PORT... writes one line per RTP packet to or from these UDP ports.

A line is `TIME DIRECTION PEER SSRC SEQUENCE TIMESTAMP TYPE MARKER BYTES`: the kernel's time in seconds, `>` to the server or `<` from it,
the other side's port. SRTP leaves the header readable, which is all that is needed to say what was sent, whatever the server believes.
Ends with its standard input; the last line is `dropped N`, packets that the kernel could not keep for it.
"""
import select
import socket
import struct
import sys

ETH_P_ALL = 3
SO_TIMESTAMPNS = 35
SOL_PACKET, PACKET_STATISTICS = 263, 6
PACKET_OUTGOING = 4
BUFFER = 64 << 20


def rtp(frame, ports):
    """The fields of an RTP packet of one of the ports, or None."""
    if len(frame) < 54 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
        return None
    udp = 14 + (frame[14] & 0x0F) * 4
    source, target = struct.unpack_from("!HH", frame, udp)
    if target in ports:
        way, peer = ">", source
    elif source in ports:
        way, peer = "<", target
    else:
        return None
    at = udp + 8
    if len(frame) < at + 12 or frame[at] >> 6 != 2 or 192 <= frame[at + 1] <= 223:  # STUN, DTLS, RTCP (RFC 7983, RFC 5761)
        return None
    sequence, timestamp, ssrc = struct.unpack_from("!HII", frame, at + 2)
    return f"{way} {peer} {ssrc} {sequence} {timestamp} {frame[at + 1] & 0x7F} {frame[at + 1] >> 7} {len(frame) - at}"


def main():
    ports = {int(port) for port in sys.argv[1:]}
    listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    listener.setsockopt(socket.SOL_SOCKET, 33, BUFFER)  # SO_RCVBUFFORCE
    listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    listener.bind(("lo", 0))
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [], 0.2)
        if listener in ready:
            frame, notes, _, address = listener.recvmsg(128, 64)  # headers are enough
            if address[2] == PACKET_OUTGOING:
                continue  # loopback shows each packet twice
            line = rtp(frame, ports)
            if line is None:
                continue
            seconds, nanoseconds = struct.unpack("qq", next(data for level, kind, data in notes if kind == SO_TIMESTAMPNS))
            print(f"{seconds}.{nanoseconds:09d} {line}")
        elif sys.stdin in ready:
            break
        else:
            sys.stdout.flush()
    statistics = listener.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
    print(f"dropped {struct.unpack('II', statistics)[1]}", flush=True)


if __name__ == "__main__":
    main()
