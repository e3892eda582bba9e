#!/usr/bin/env python3
"""An independent client on aiortc: publishes by WHIP or plays by WHEP, and prints what it saw as one JSON line a second.

usage: aiortc_client.py publish|play URL TOKEN [--seconds N] [--width W --height H --fps F] [--rotate DEGREES] [--mark WORD]
It ends with DELETE on its resource, on time-out, or when its standard input closes.
With --mark it publishes G.711 alone, whose payload bytes are "WORD:number;" again and again; each line of standard input is a new word, and
{"marked": word, "from": number} says which packet has it first.
With --rotate every packet of pictures says that they are to be turned clockwise by so much (urn:3gpp:video-orientation).
"""
import argparse
import asyncio
import audioop
import fractions
import json
import math
import struct
import sys
import time

import aiohttp
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender, RTCSessionDescription, VideoStreamTrack, codecs, rtp
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters
from av import AudioFrame, VideoFrame


class MovingPicture(VideoStreamTrack):
    """A picture that changes with every frame, at a fixed rate."""

    def __init__(self, width, height, fps):
        super().__init__()
        self.width, self.height, self.fps = width, height, fps
        self.count, self.started, self.sent = 0, None, 0

    async def recv(self):
        if self.started is None:
            self.started = time.monotonic()
        await asyncio.sleep(max(0, self.started + self.count / self.fps - time.monotonic()))
        frame = VideoFrame(self.width, self.height, "yuv420p")
        for index, plane in enumerate(frame.planes):
            shade = (self.count * (3 + index)) % 256
            plane.update(bytes([shade]) * plane.buffer_size)
        frame.pts = int(self.count * 90000 / self.fps)
        frame.time_base = fractions.Fraction(1, 90000)
        self.count += 1
        self.sent += 1
        return frame


class Tone(MediaStreamTrack):
    """440 Hz, 48 kHz mono, 20 ms frames."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self.count, self.started = 0, None

    async def recv(self):
        if self.started is None:
            self.started = time.monotonic()
        await asyncio.sleep(max(0, self.started + self.count * 0.02 - time.monotonic()))
        samples = [int(8000 * math.sin(2 * math.pi * 440 * (self.count * 960 + i) / 48000)) for i in range(960)]
        frame = AudioFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update(struct.pack("<960h", *samples))
        frame.sample_rate, frame.pts, frame.time_base = 48000, self.count * 960, fractions.Fraction(1, 48000)
        self.count += 1
        return frame


class MarkedTone(MediaStreamTrack):
    """20 ms of G.711 whose bytes are known: samples that mu-law codes as this very text."""

    kind = "audio"

    def __init__(self, word):
        super().__init__()
        self.word, self.told = word, None
        self.count, self.started = 0, None

    async def recv(self):
        if self.started is None:
            self.started = time.monotonic()
        await asyncio.sleep(max(0, self.started + self.count * 0.02 - time.monotonic()))
        word = self.word
        if word != self.told:
            print(json.dumps({"marked": word, "from": self.count}), flush=True)
            self.told = word
        text = (f"{word}:{self.count:06d};".encode() * 160)[:160]
        frame = AudioFrame(format="s16", layout="mono", samples=160)
        frame.planes[0].update(audioop.ulaw2lin(text, 2))
        frame.sample_rate, frame.pts, frame.time_base = 8000, self.count * 160, fractions.Fraction(1, 8000)
        self.count += 1
        return frame


def send_orientation(degrees):
    """Offers and sends the header extension of 3GPP TS 26.114 section 7.4.5, which aiortc does not know."""
    uri, original = "urn:3gpp:video-orientation", rtp.HeaderExtensionsMap
    configure, write = original.configure, original.set
    codecs.HEADER_EXTENSIONS["video"].append(RTCRtpHeaderExtensionParameters(id=3, uri=uri))

    def configure_too(self, parameters):
        configure(self, parameters)
        self.orientation = next((one.id for one in parameters.headerExtensions if one.uri == uri), None)

    def write_too(self, values):
        profile, value = write(self, values)
        if not getattr(self, "orientation", None):
            return profile, value
        return rtp.pack_header_extensions(rtp.unpack_header_extensions(profile, value) + [(self.orientation, bytes([degrees // 90]))])

    original.configure, original.set = configure_too, write_too


class Sink:
    """Counts decoded frames and the energy of decoded sound."""

    def __init__(self):
        self.video_frames = self.audio_frames = 0
        self.energy, self.size, self.first_frame_at = 0.0, None, None

    async def drain(self, track):
        try:
            while True:
                frame = await track.recv()
                if track.kind == "video":
                    self.video_frames += 1
                    self.size = [frame.width, frame.height]
                    self.first_frame_at = self.first_frame_at or time.monotonic()
                else:
                    self.audio_frames += 1
                    data = bytes(frame.planes[0])
                    values = struct.unpack(f"<{len(data) // 2}h", data)[::16]
                    self.energy += sum((v / 32768) ** 2 for v in values) / max(1, len(values)) * 0.02
        except MediaStreamError:
            pass


async def run(options):
    if options.rotate:
        send_orientation(options.rotate)
    connection = RTCPeerConnection()
    sink, picture, tasks = Sink(), None, []
    marked = None
    if options.mark:
        marked = MarkedTone(options.mark)
        sender = connection.addTransceiver(marked, direction="sendonly")
        sender.setCodecPreferences([c for c in RTCRtpSender.getCapabilities("audio").codecs if c.mimeType == "audio/PCMU"])
    elif options.mode == "publish":
        picture = MovingPicture(options.width, options.height, options.fps)
        connection.addTransceiver(Tone(), direction="sendonly")
        connection.addTransceiver(picture, direction="sendonly")
    else:
        connection.addTransceiver("audio", direction="recvonly")
        connection.addTransceiver("video", direction="recvonly")
        connection.on("track", lambda track: tasks.append(asyncio.ensure_future(sink.drain(track))))
    await connection.setLocalDescription(await connection.createOffer())
    headers = {"Authorization": f"Bearer {options.token}", "Content-Type": "application/sdp"}
    started = time.monotonic()
    async with aiohttp.ClientSession() as http:
        async with http.post(options.url, data=connection.localDescription.sdp, headers=headers) as answer:
            body = await answer.text()
            print(json.dumps({"status": answer.status, "location": answer.headers.get("Location"), "etag": answer.headers.get("ETag"),
                              "type": answer.headers.get("Content-Type"), "body": None if answer.status == 201 else body}), flush=True)
            if answer.status != 201:
                return 2
            resource = str(answer.url.join(answer.url.with_path(answer.headers["Location"]))) if answer.headers["Location"].startswith("/") else answer.headers["Location"]
        await connection.setRemoteDescription(RTCSessionDescription(body, "answer"))
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def watch_input():
            for line in sys.stdin:
                if marked:
                    marked.word = line.strip()
            loop.call_soon_threadsafe(ended.set)

        loop.run_in_executor(None, watch_input)
        # What each section carries: says whether missing frames were never offered, never arrived or could not be decoded.
        directions = {t.kind: t.currentDirection for t in connection.getTransceivers()}
        while time.monotonic() - started < options.seconds and not ended.is_set():
            received = {s.kind: s.packetsReceived for s in (await connection.getStats()).values() if s.type == "inbound-rtp"}
            print(json.dumps({"directions": directions, "packets": received, "t": round(time.monotonic() - started, 3), "state": connection.connectionState,
                              "sent": picture.sent if picture else 0, "videoFrames": sink.video_frames, "audioFrames": sink.audio_frames,
                              "energy": sink.energy, "size": sink.size,
                              "firstFrameMs": None if sink.first_frame_at is None else round((sink.first_frame_at - started) * 1000)}), flush=True)
            try:
                await asyncio.wait_for(ended.wait(), 0.5)
            except asyncio.TimeoutError:
                pass
        async with http.delete(resource, headers={"Authorization": headers["Authorization"]}) as deleted:
            print(json.dumps({"deleted": deleted.status}), flush=True)
    for task in tasks:
        task.cancel()
    await connection.close()
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["publish", "play"])
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--height", type=int, default=180)
    parser.add_argument("--fps", type=int, default=15)
    parser.add_argument("--rotate", type=int, default=0, choices=[0, 90, 180, 270])
    parser.add_argument("--mark", default="")
    code = asyncio.run(run(parser.parse_args()))
    sys.stdout.flush()
    # The thread that waits for standard input cannot be joined while the input is open.
    import os
    os._exit(code)


if __name__ == "__main__":
    main()
