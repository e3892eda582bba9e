#!/usr/bin/env python3
"""A wire between clients and a server: lossy_wire.py OUTSIDE INSIDE SEED PORT [PORT ...]

It stands on UDP ports of the address OUTSIDE, which the server calls its own, and passes on to the same ports of INSIDE, where the server is; answers go
back. RTP of a client whose stream was named is lost at that client's rate. Standard input takes lines: `lose SSRC RATE` is answered with `ok` or
`unknown` (nobody sent that stream yet), `lost SSRC` with the number of packets of that stream that were lost. The first line is `ready`. It ends with its
standard input. It is a process of its own, with buffers that no ordinary pause fills: what is not lost on purpose must not be lost.
"""
import os
import random
import selectors
import socket
import sys

SO_RCVBUFFORCE = 33
BUFFER = 16 << 20


def is_rtp(packet):
    """RFC 7983 and RFC 5761: first byte 128 to 191, second not 192 to 223."""
    return len(packet) >= 12 and 128 <= packet[0] <= 191 and not 192 <= packet[1] <= 223


def udp(address, port):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    made.setblocking(False)
    made.bind((address, port))
    return made


class Client:
    def __init__(self, back):
        self.back = back
        self.rate = 0.0


class Wire:
    def __init__(self, outside, inside, seed, ports):
        self.inside = inside
        self.random = random.Random(seed)
        self.clients = {}  # (front, address) to Client
        self.owners = {}  # SSRC to Client
        self.lost = {}  # SSRC to packets
        self.events = selectors.DefaultSelector()
        for port in ports:
            front = udp(outside, port)
            self.events.register(front, selectors.EVENT_READ, lambda f=front, p=port: self.drain(f, lambda packet, peer: self.forward(f, p, packet, peer)))
        os.set_blocking(0, False)
        self.events.register(0, selectors.EVENT_READ, self.command)
        self.commands = b""
        self.ended = False

    def run(self):
        print("ready", flush=True)
        while not self.ended:
            for key, _ in self.events.select():
                key.data()

    def drain(self, receiver, take):
        while True:
            try:
                take(*receiver.recvfrom(65536))
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue  # an ICMP of an earlier packet: a server that is not there

    def forward(self, front, port, packet, peer):
        client = self.clients.get((front, peer))
        if client is None:
            client = self.clients[front, peer] = Client(udp(self.inside, 0))
            back = client.back
            self.events.register(back, selectors.EVENT_READ, lambda: self.drain(back, lambda answer, _: self.send(front, answer, peer)))
        if is_rtp(packet):
            ssrc = int.from_bytes(packet[8:12], "big")
            self.owners[ssrc] = client
            if client.rate > 0 and self.random.random() < client.rate:
                self.lost[ssrc] = self.lost.get(ssrc, 0) + 1
                return
        self.send(client.back, packet, (self.inside, port))

    @staticmethod
    def send(sender, packet, peer):
        try:
            sender.sendto(packet, peer)
        except (ConnectionRefusedError, PermissionError):
            pass  # a peer that has gone

    def command(self):
        data = os.read(0, 65536)
        self.ended = not data
        self.commands += data
        *lines, self.commands = self.commands.split(b"\n")
        for line in lines:
            word, ssrc, *rest = line.decode().split()
            if word == "lose":
                client = self.owners.get(int(ssrc))
                if client is not None:
                    client.rate = float(rest[0])
                print("unknown" if client is None else "ok", flush=True)
            else:
                print(self.lost.get(int(ssrc), 0), flush=True)


if __name__ == "__main__":
    Wire(sys.argv[1], sys.argv[2], int(sys.argv[3]), [int(port) for port in sys.argv[4:]]).run()
