#!/usr/bin/env python3
"""An independent client on GStreamer's webrtcbin: publishes by WHIP or plays by WHEP, and prints what it saw as JSON lines.

usage: gstreamer_client.py publish|play URL TOKEN [--codec H265|H264] [--seconds N] [--width W --height H --fps F]
It ends with DELETE on its resource, on time-out, or when its standard input closes. The lines are those of aiortc_client.py.
"""
import argparse
import json
import math
import os
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

# Encoder to payloader, by codec; "name=counted" is where sent frames are counted.
SENDERS = {
    "H265": "x265enc tune=zerolatency speed-preset=ultrafast bitrate=300 key-int-max=300 ! h265parse name=counted ! rtph265pay config-interval=-1 aggregate-mode=zero-latency",
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast bitrate=300 key-int-max=300 ! video/x-h264,profile=constrained-baseline"
            " ! h264parse name=counted ! rtph264pay config-interval=-1 aggregate-mode=zero-latency",
}
# Depayloader to raw media, by the encoding name of the pad.
RECEIVERS = {
    "H265": "rtph265depay ! h265parse ! avdec_h265",
    "H264": "rtph264depay ! h264parse ! avdec_h264",
    "OPUS": "rtpopusdepay ! opusdec ! audioconvert ! audio/x-raw,format=S16LE,channels=1",
}
VIDEO_CAPS = {
    "H265": "application/x-rtp,media=video,encoding-name=H265,payload=98,clock-rate=90000",
    "H264": "application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000,packetization-mode=(string)1,profile-level-id=(string)42e01f,level-asymmetry-allowed=(string)1",
}
AUDIO_CAPS = "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2"


def report(**line):
    print(json.dumps(line), flush=True)


class Client:
    """One peer connection over one WHIP or WHEP resource."""

    def __init__(self, options):
        self.options = options
        self.loop = GLib.MainLoop()
        self.started = time.monotonic()
        self.resource, self.code, self.ending, self.posted = None, 0, False, False
        self.sent = self.video_frames = self.audio_frames = 0
        self.energy, self.size, self.first_frame_at, self.codecs = 0.0, None, None, {}
        self.pipeline, self.webrtc = self.publish() if options.mode == "publish" else self.play()
        self.webrtc.connect("notify::ice-gathering-state", self.on_gathering)
        self.webrtc.connect("pad-added", self.on_pad)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", self.on_error)

    def publish(self):
        o = self.options
        pipeline = Gst.parse_launch(
            "webrtcbin name=webrtc bundle-policy=max-bundle "
            f"videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width={o.width},height={o.height},framerate={o.fps}/1 ! {SENDERS[o.codec]}"
            f" ! application/x-rtp,media=video,encoding-name={o.codec},payload=98 ! webrtc. "
            "audiotestsrc is-live=true freq=440 volume=0.4 ! audioconvert ! audioresample ! audio/x-raw,rate=48000 ! opusenc ! rtpopuspay"
            " ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! webrtc.")
        pipeline.get_by_name("counted").get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, self.on_sent)
        webrtc = pipeline.get_by_name("webrtc")
        for index in range(2):
            webrtc.emit("get-transceiver", index).set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        return pipeline, webrtc

    def play(self):
        pipeline, webrtc = Gst.Pipeline.new(), Gst.ElementFactory.make("webrtcbin")
        webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        pipeline.add(webrtc)
        for caps in (AUDIO_CAPS, VIDEO_CAPS[self.options.codec]):
            webrtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
        return pipeline, webrtc

    def on_sent(self, _pad, _info):
        self.sent += 1
        return Gst.PadProbeReturn.OK

    def on_error(self, _bus, message):
        error, debug = message.parse_error()
        self.fail(f"{error.message} ({debug})")

    def fail(self, why):
        print(why, file=sys.stderr, flush=True)
        self.code = 1
        GLib.idle_add(self.end)

    # Offer and answer: GStreamer calls back on its own threads.

    def make_offer(self):
        self.webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_offer))
        return False

    def on_offer(self, promise):
        reply = promise.get_reply()        # owns the description: it has to live as long
        offer = reply.get_value("offer")
        self.webrtc.emit("set-local-description", offer, Gst.Promise.new())

    def on_gathering(self, *_):
        if self.webrtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE and not self.posted:
            self.posted = True
            threading.Thread(target=self.post, args=[self.webrtc.get_property("local-description").sdp.as_text()], daemon=True).start()

    def request(self, method, url, body=None):
        headers = {"Authorization": f"Bearer {self.options.token}", "Content-Type": "application/sdp"}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=20) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read().decode()

    def post(self, offer):
        status, headers, body = self.request("POST", self.options.url, offer.encode())
        report(status=status, location=headers.get("Location"), etag=headers.get("ETag"), type=headers.get("Content-Type"),
               offer=offer, body=body)
        if status != 201:
            return self.fail(f"refused with {status}")
        self.resource = urllib.parse.urljoin(self.options.url, headers["Location"])
        _, message = GstSdp.SDPMessage.new_from_text(body)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.webrtc.emit("set-remote-description", answer, Gst.Promise.new())
        GLib.timeout_add(250, self.on_tick)

    # Received media.

    def on_pad(self, _element, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        caps = pad.get_current_caps().get_structure(0)
        name = caps.get_string("encoding-name").upper()
        self.codecs[caps.get_string("media")] = name
        chain = Gst.parse_bin_from_description(f"queue ! {RECEIVERS[name]} ! fakesink name=sink sync=false signal-handoffs=true", True)
        chain.get_by_name("sink").connect("handoff", self.on_audio if name == "OPUS" else self.on_video)
        self.pipeline.add(chain)
        chain.sync_state_with_parent()
        pad.link(chain.get_static_pad("sink"))

    def on_video(self, _sink, _buffer, pad):
        self.video_frames += 1
        self.first_frame_at = self.first_frame_at or time.monotonic()
        if self.size is None:
            caps = pad.get_current_caps().get_structure(0)
            self.size = [caps.get_int("width")[1], caps.get_int("height")[1]]

    def on_audio(self, _sink, buffer, _pad):
        self.audio_frames += 1
        values = memoryview(buffer.extract_dup(0, buffer.get_size())).cast("h")[::16]
        self.energy += math.fsum((v / 32768) ** 2 for v in values) / max(1, len(values)) * 0.02

    def on_tick(self):
        if self.ending:
            return False
        report(t=round(time.monotonic() - self.started, 3), state=self.webrtc.get_property("connection-state").value_nick, sent=self.sent, codecs=self.codecs,
               videoFrames=self.video_frames, audioFrames=self.audio_frames, energy=self.energy, size=self.size,
               firstFrameMs=None if self.first_frame_at is None else round((self.first_frame_at - self.started) * 1000))
        return True

    def end(self):
        if not self.ending:
            self.ending = True
            if self.resource:
                report(deleted=self.request("DELETE", self.resource)[0])
            self.loop.quit()
        return False

    def run(self):
        def watch_input():
            sys.stdin.read()
            GLib.idle_add(self.end)

        threading.Thread(target=watch_input, daemon=True).start()
        GLib.timeout_add(int(self.options.seconds * 1000), self.end)
        self.pipeline.set_state(Gst.State.PLAYING)
        GLib.timeout_add(50, self.make_offer_when_ready)
        self.loop.run()
        return self.code

    def make_offer_when_ready(self):
        # A publisher's sections are complete only when its payloaders know their caps.
        if self.options.mode == "publish":
            pads = [pad for pad in self.webrtc.pads if pad.get_direction() == Gst.PadDirection.SINK]
            if not all(pad.get_current_caps() for pad in pads):
                return True
        return self.make_offer()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["publish", "play"])
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("--codec", choices=sorted(SENDERS), default="H265")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--height", type=int, default=180)
    parser.add_argument("--fps", type=int, default=15)
    Gst.init(None)
    code = Client(parser.parse_args()).run()
    sys.stdout.flush()
    # webrtcbin's threads are not waited for: the DELETE has said good-bye.
    os._exit(code)


if __name__ == "__main__":
    main()
