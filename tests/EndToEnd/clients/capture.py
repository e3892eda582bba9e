#!/usr/bin/env python3
"""Captures RTP to and from UDP ports on the loopback device, as a packet socket sees it: capture.py PORT [PORT ...]

SRTP leaves the header in the clear (RFC 3711 section 3.1), which is all that is needed to say what was sent, whatever the server believes. One
line per packet, `TIME WAY FROM_PORT TO_ADDRESS TO_PORT SSRC SEQUENCE TIMESTAMP TYPE MARKER BYTES`: the kernel's time in seconds; `out` where a sender puts
it on the wire, `in` where it arrives. The first line is `ready`. It ends with its standard input, after what was sent until then; the
last line is `dropped N`, packets that the kernel could not keep for it.
"""
import socket
import struct
import sys
import threading
import time

ETH_P_ALL, PACKET_OUTGOING = 3, 4
SOL_PACKET, PACKET_STATISTICS = 263, 6
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
BUFFER = 64 << 20
LINGER = 0.5  # seconds to go on for what was sent before the end


def rtp(frame, ports):
    """The fields of an RTP packet of one of the ports, or None."""
    if len(frame) < 34 or frame[12:14] != b"\x08\x00" or frame[23] != socket.IPPROTO_UDP:
        return None
    at = 14 + (frame[14] & 15) * 4 + 8
    # RFC 7983 and RFC 5761: first byte 128 to 191, second not 192 to 223.
    if len(frame) < at + 12 or not 128 <= frame[at] <= 191 or 192 <= frame[at + 1] <= 223:
        return None
    source, target, size = struct.unpack_from("!HHH", frame, at - 8)
    if source not in ports and target not in ports:
        return None
    sequence, timestamp, ssrc = struct.unpack_from("!HII", frame, at + 2)
    return f"{source} {socket.inet_ntoa(frame[30:34])} {target} {ssrc} {sequence} {timestamp} {frame[at + 1] & 0x7F} {frame[at + 1] >> 7} {size - 8}"


def main():
    ports = {int(port) for port in sys.argv[1:]}
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    tap.bind(("lo", 0))
    tap.settimeout(0.05)
    ended = []
    threading.Thread(target=lambda: (sys.stdin.read(), ended.append(time.monotonic())), daemon=True).start()
    print("ready", flush=True)
    while not ended or time.monotonic() < ended[0] + LINGER:
        try:
            frame, notes, _, address = tap.recvmsg(128, 64)  # headers are enough
        except TimeoutError:
            sys.stdout.flush()
            continue
        line = rtp(frame, ports)
        if line is None:
            continue
        seconds, nanoseconds = struct.unpack("qq", next(data for _, kind, data in notes if kind == SO_TIMESTAMPNS))
        print(f"{seconds}.{nanoseconds:09d} {'out' if address[2] == PACKET_OUTGOING else 'in'} {line}")
    _, dropped = struct.unpack("II", tap.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    print(f"dropped {dropped}", flush=True)


if __name__ == "__main__":
    main()
